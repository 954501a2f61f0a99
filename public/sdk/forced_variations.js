/** Which variation setForcedVariation made whose, by ids, so that it outlives datafiles. */

/** @typedef {import('./engine/index.js').Project} Project */

export class ForcedVariations {
  /** How many variations they are: who was forced once, and no longer is, keeps a map of none, which is told apart officially. */
  #count = 0;
  /** Variation ids by user id and experiment id. @type {Map<string, Map<string, string>>} */
  #users = new Map();
  #logger;

  /** @param {import('./lib/logger.js').Logger} logger */
  constructor(logger) {
    this.#logger = logger;
  }

  /**
   * @param {Project} project
   * @param {string} experimentKey
   * @param {string} userId
   * @param {string | null | undefined} variationKey null to force none any longer
   * @returns {boolean} whether it was done
   */
  set(project, experimentKey, userId, variationKey) {
    const experiment = project.experiment(experimentKey);
    if (variationKey === '' || (variationKey != null && typeof variationKey !== 'string')) return this.#fail('Variation key is invalid.');
    if (!experiment) return this.#fail('Experiment key %s is not in datafile.', experimentKey);
    if (variationKey == null) return this.#remove(experiment.id, userId);
    const variation = experiment.variations.findLast(({ key }) => key === variationKey);
    if (!variation) return this.#fail('No variation key %s defined in datafile for experiment %s.', variationKey, experimentKey);
    let variations = this.#users.get(userId);
    if (!variations) this.#users.set(userId, (variations = new Map()));
    if (!variations.has(experiment.id)) this.#count++;
    variations.set(experiment.id, variation.id);
    return true;
  }

  /** @param {string} experimentId @param {string} userId */
  #remove(experimentId, userId) {
    const variations = userId === '' ? undefined : this.#users.get(userId);
    if (!variations) return this.#fail('User %s is not in the forced variation map.', userId);
    if (variations.delete(experimentId)) this.#count--;
    return true;
  }

  /** @param {string} template @param {...unknown} params */
  #fail(template, ...params) {
    this.#logger.error(template, ...params);
    return false;
  }

  /**
   * @param {Project} project
   * @param {string} experimentKey
   * @param {string} userId
   * @returns {string | null} the variation's key
   */
  get(project, experimentKey, userId) {
    const experimentId = project.experiment(experimentKey)?.id;
    const variationId = experimentId === undefined ? undefined : this.#users.get(userId)?.get(experimentId);
    return (variationId === undefined ? undefined : project.variationById(variationId)?.key) ?? null;
  }

  get isEmpty() {
    return this.#count === 0;
  }

  /** What is forced for a user, whatever project that was of: ids of variations by ids of experiments. @param {string} userId */
  of(userId) {
    return this.isEmpty ? undefined : this.#users.get(userId);
  }
}
