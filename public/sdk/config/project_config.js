/** A datafile in use: the engine's project, and the datafile's own objects for those who ask to see them. */

/** @typedef {import('../engine/index.js').Project} Project */

/** Frees the projects of clients that were dropped or closed: a closed client still answers, as the official one does. */
const unreachable = new FinalizationRegistry((/** @type {Project} */ project) => project.close());

export class ProjectConfig {
  #entities;

  /** @param {Project} project belongs to the config from here on */
  constructor(project) {
    this.project = project;
    this.#entities = lazily(() => new Entities(project.datafile));
    unreachable.register(this, project, this);
  }

  /** The datafile's objects, as ACTIVATE shows them. They are read from the datafile when first asked for. */
  get entities() {
    return this.#entities();
  }

  /** Frees the project. */
  close() {
    unreachable.unregister(this);
    this.project.close();
  }
}

/** Experiments and variations as the official SDK passes them: objects of the datafile with what it adds while parsing. */
class Entities {
  /** @type {Map<string, any>} */
  #experiments = new Map();

  /** @param {string} datafile */
  constructor(datafile) {
    const { experiments = [], groups = [], rollouts = [] } = JSON.parse(datafile);
    for (const experiment of experiments) this.#add(experiment);
    for (const group of groups) for (const experiment of group.experiments) this.#add(Object.assign(experiment, { groupId: group.id }));
    for (const rollout of rollouts) for (const rule of rollout.experiments) this.#add(Object.assign(rule, { isRollout: true }));
  }

  /** @param {any} experiment an id's last object wins */
  #add(experiment) {
    experiment.variationKeyMap = Object.fromEntries(experiment.variations.map((/** @type {any} */ variation) => [variation.key, variation]));
    this.#experiments.set(experiment.id, experiment);
  }

  /**
   * What was decided: something without a layer is a holdout.
   * @param {string} id
   * @param {string} variationKey
   */
  decided(id, variationKey) {
    const decided = this.#experiments.get(id);
    const isHoldout = decided.layerId === undefined;
    return {
      experiment: isHoldout ? null : decided,
      holdout: isHoldout ? decided : null,
      variation: decided.variationKeyMap[variationKey], // undefined where the traffic allocation names another experiment's
    };
  }
}

/**
 * @template T
 * @param {() => T} make
 */
function lazily(make) {
  /** @type {{value: T} | undefined} */
  let made;
  return () => (made ??= { value: make() }).value;
}
