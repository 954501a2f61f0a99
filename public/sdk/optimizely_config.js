/** A project as an application may look through it: experiments and flags by key, audiences in words. */
export class OptimizelyConfig {
  /**
   * @param {import('./engine/index.js').Project} project
   * @param {import('./lib/logger.js').Logger} logger told of experiments that share a key: the last is shown
   * @throws {Error} where the official SDK shows nothing either: see Config in wasm/engine/view
   */
  constructor({ datafile, optimizelyConfig: { warnings, experiments, config, problem } }, logger) {
    for (const warning of warnings) logger.warn(warning);
    if (!config) throw new Error(problem);
    Object.assign(this, config);
    this.datafile = datafile;
    link(config.experimentsMap, experiments);
    for (const flag of Object.values(config.featuresMap)) {
      link(flag.experimentRules, experiments);
      link(flag.experimentsMap, experiments);
    }
  }

  getDatafile() {
    return this.datafile;
  }
}

/**
 * Puts experiments in the places of their indexes, and undefined, as the official SDK shows a rule that is no experiment, in that of -1.
 * @param {any} indexes a list or an object
 * @param {object[]} experiments
 */
function link(indexes, experiments) {
  for (const key in indexes) indexes[key] = experiments[indexes[key]];
}
