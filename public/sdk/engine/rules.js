/**
 * @typedef {import('./project.js').Experiment} Experiment
 * @typedef {import('./project.js').Variation} Variation
 */

/** The experiments, delivery rules and holdouts of a project with their variations. Calls cross with their indexes. */
export class Rules {
  /** @type {Map<string, Experiment>} */
  #byKey = new Map();
  /** @type {{experiments: Map<string, number>, variations: Map<string, number>} | undefined} */
  #ids;
  /** @type {Variation[]} */
  variations = [];

  /**
   * Of two experiments with one key the last one counts, as in Go.
   * @param {{experiments: Experiment[], holdouts: Experiment[]}} described by the engine, still without the indexes of experiments
   */
  constructor({ experiments, holdouts }) {
    this.experiments = experiments;
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

  /**
   * @param {string} experimentId
   * @param {string} variationId
   * @returns {import('./frame.js').Assignment | undefined} undefined when there is none of them
   */
  assignment(experimentId, variationId) {
    this.#ids ??= {
      experiments: new Map(this.experiments.map(({ id }, index) => [id, index])),
      variations: new Map(this.variations.map(({ id, index }) => [id, index])),
    };
    const experiment = this.#ids.experiments.get(experimentId);
    const variation = this.#ids.variations.get(String(variationId));
    return experiment === undefined || variation === undefined ? undefined : { experiment, variation };
  }
}
