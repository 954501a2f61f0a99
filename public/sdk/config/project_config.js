/** A datafile in use: the engine's project, which it owns, and what an application may look through. */

import { OptimizelyConfig } from '../optimizely_config.js';

/** @typedef {import('../engine/index.js').Project} Project */

/** Frees the projects of clients that were dropped or closed: a closed client still answers, as the official one does. */
const unreachable = new FinalizationRegistry((/** @type {Project} */ project) => project.close());

export class ProjectConfig {
  #logger;
  /**
   * Whether a call waits that will decide by it even if it is replaced meanwhile: the project is then freed when nobody has it any more.
   * @type {boolean | undefined}
   */
  isAwaited;
  /** @type {OptimizelyConfig | undefined} */
  #optimizelyConfig;

  /**
   * @param {Project} project belongs to the config from here on
   * @param {import('../lib/logger.js').Logger} logger
   */
  constructor(project, logger) {
    this.project = project;
    this.#logger = logger;
    unreachable.register(this, project, this);
  }

  /** The datafile for people and programs to read, made when first asked for. */
  get optimizelyConfig() {
    return (this.#optimizelyConfig ??= new OptimizelyConfig(this.project, this.#logger));
  }

  /** Frees the project. */
  close() {
    if (this.isAwaited) return;
    unreachable.unregister(this);
    this.project.close();
  }
}
