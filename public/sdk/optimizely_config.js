/** A project as an application may look through it: experiments and flags by key, audiences in words. */
export class OptimizelyConfig {
  /**
   * @param {import('./engine/index.js').Project} project
   * @param {import('./lib/logger.js').Logger} logger told of experiments that share a key: the last is shown
   * @throws {Error} where the official SDK shows nothing either: see Config in wasm/engine/view
   */
  constructor({ datafile, optimizelyConfig: { warnings, config, problem } }, logger) {
    for (const warning of warnings) logger.warn(warning);
    if (!config) throw new Error(problem);
    Object.assign(this, config);
    this.datafile = datafile;
    for (const flag of Object.values(config.featuresMap)) flag.experimentRules = flag.experimentRules.map(orUndefined);
  }

  getDatafile() {
    return this.datafile;
  }
}

/** JSON has no undefined, which the official SDK shows of a rule that is no experiment. @param {object | null} rule */
function orUndefined(rule) {
  return rule ?? undefined;
}
