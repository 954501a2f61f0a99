/**
 * @typedef {import('./project.js').Experiment} Experiment
 * @typedef {import('./project.js').Variation} Variation
 */

/** The experiments, delivery rules and holdouts of a project with their variations. Calls cross with their indexes. */
export class Rules {
  /** @type {Map<string, Experiment>} */
  #byKey = new Map();
  /** @type {Variation[]} */
  variations = [];

  /**
   * Of two experiments with one key the last one counts, as in Go.
   * @param {{experiments: Experiment[], holdouts: Experiment[]}} described by the engine, still without the indexes of experiments
   */
  constructor({ experiments, holdouts }) {
    /** Experiments, then holdouts. */
    this.all = [...experiments, ...holdouts];
    for (const experiment of experiments) this.#byKey.set(experiment.key, experiment);
    for (const [index, rule] of this.all.entries()) {
      rule.index = index;
      for (const variation of rule.variations) this.variations[variation.index] = variation;
    }
  }

  /** @param {string} key */
  experiment(key) {
    return this.#byKey.get(key);
  }
}
