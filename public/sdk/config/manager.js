/**
 * Keeps a client's current project. Datafiles come from the application, from a source, or from both; one that is invalid
 * is logged and never replaces a good one.
 */

import { Deferred } from '../lib/deferred.js';
import { makeSeal } from '../lib/seal.js';
import { ProjectConfig } from './project_config.js';

/** @typedef {import('../engine/index.js').Project} Project */

/**
 * Gets datafiles from somewhere.
 * @typedef {object} Source
 * @property {(sink: Sink) => void} start
 * @property {() => void} stop
 *
 * What a source hands datafiles to.
 * @typedef {object} Sink
 * @property {import('../lib/logger.js').Logger} logger
 * @property {boolean} disposable the client will not live long: give up soon
 * @property {() => string | null} revision of the datafile that decides, null while there is none
 * @property {(datafile: string) => Promise<Error | undefined>} offer resolves with what is wrong with the datafile; never rejects
 * @property {(delta: Uint8Array) => string | undefined} patch the datafile that decides with a difference applied to it; undefined when it
 *   is not from that one
 * @property {(reason: string, cause?: unknown) => void} fail no datafile is to be expected; a client without one will never become ready
 *
 * What a manager needs of its client.
 * @typedef {object} Host
 * @property {import('../lib/logger.js').Logger} logger
 * @property {import('../engine/index.js').EngineLoader} engine
 * @property {{clientName: string, clientVersion: string}} client as events name it
 * @property {boolean} disposable
 * @property {(project: Project) => void} onUpdate
 *
 * @typedef {(datafile: unknown) => boolean} SchemaValidator throws on what is invalid; what it returns does not matter, as officially
 */

/**
 * Why the engine takes no datafile without a revision. Officially a first one is taken for none that is new: the client is ready, and has
 * no datafile.
 */
const LACKS_REVISION = 'datafile: the revision is missing';

/** Why a client whose first datafile is no good will not become ready. */
export const INVALID_DATAFILE = 'got invalid datafile';

export class ConfigManager {
  #datafile;
  #validator;
  #source;
  #byRevision;
  /** @type {Deferred<void>} */
  #running = new Deferred();
  #stopped = false;
  /** Whether the application's own datafile is any good. @type {Promise<boolean> | undefined} */
  #own;
  /** @type {ProjectConfig | undefined} */
  #config;
  /** @type {Host | undefined} */
  #host;

  /**
   * @param {object} options
   * @param {string} [options.datafile]
   * @param {Source} [options.source]
   * @param {SchemaValidator} [options.jsonSchemaValidator]
   * @param {boolean} [options.byRevision] datafiles of one revision are taken for the same; default true, as officially
   */
  constructor({ datafile, source, jsonSchemaValidator, byRevision = true }) {
    this.#datafile = datafile;
    this.#source = source;
    this.#byRevision = byRevision;
    this.#validator = jsonSchemaValidator;
  }

  /** The datafile that decides, once there is one. */
  get config() {
    return this.#config;
  }

  /** Resolves with the first datafile; rejects when there will be none. */
  get untilRunning() {
    return this.#running.promise;
  }

  /** @param {Host} host */
  start(host) {
    this.#host = host;
    if (!this.#datafile && !this.#source) return this.#fail('sdkKey or datafile must be provided');
    if (this.#datafile) this.#own = this.#begin(this.#datafile);
    this.#source?.start({
      logger: host.logger,
      disposable: host.disposable,
      revision: () => this.#config?.project.facts.revision ?? null,
      offer: (datafile) => this.#offer(datafile),
      patch: (delta) => this.#config?.project.patch(delta),
      fail: (reason, cause) => this.#lose(reason, cause),
    });
  }

  /** Stops the source. The last project goes on deciding. */
  stop() {
    this.#stopped = true;
    this.#source?.stop();
    this.#running.reject(new Error('ProjectConfigManager stopped before running'));
  }

  /** The application's own datafile. If it is bad another may come from the source. @param {string} datafile */
  async #begin(datafile) {
    const error = await this.#offer(datafile);
    if (error && !this.#source) this.#fail(INVALID_DATAFILE, error);
    return !error;
  }

  /** The source will give none: the application's own decides on, if it is any good. @param {string} reason @param {unknown} [cause] */
  async #lose(reason, cause) {
    if (await this.#own) this.#host?.logger.error(cause ?? reason);
    else this.#fail(reason, cause);
  }

  /**
   * With the engine there already, what was offered decides when this returns: nothing is awaited then.
   * @param {string} datafile
   */
  async #offer(datafile) {
    const { engine, logger } = /** @type {Host} */ (this.#host);
    try {
      const loaded = engine.loaded ?? (await engine.load());
      if (!this.#stopped) this.#install(loaded, datafile);
      return undefined;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (error.message === LACKS_REVISION && this.#byRevision && !this.#config) {
        this.#running.resolve();
        return undefined;
      }
      if (engine.loaded) logger.error(error);
      else this.#fail(error.message, error); // the client tells of it, once
      return error;
    }
  }

  /**
   * @param {import('../engine/index.js').Engine} engine
   * @param {string} datafile
   * @throws {Error} when it is no datafile
   */
  #install(engine, datafile) {
    const host = /** @type {Host} */ (this.#host);
    const current = this.#config;
    if (current?.project.datafile === datafile) return;
    this.#validate(datafile);
    const project = engine.open(datafile, host.client);
    this.#running.resolve();
    if (this.#byRevision && project.facts.revision === current?.project.facts.revision) return project.close();
    this.#config = new ProjectConfig(project, host.logger);
    host.onUpdate(project);
    current?.close();
  }

  /** @param {string} datafile */
  #validate(datafile) {
    const logger = this.#host?.logger;
    if (!this.#validator) return logger?.info('Skipping JSON schema validation.');
    this.#validator(JSON.parse(datafile));
    logger?.info('Datafile is valid.');
  }

  /** @param {string} reason the official words @param {unknown} [cause] what exactly is wrong */
  #fail(reason, cause) {
    this.#running.reject(new Error(reason, { cause }));
  }
}

/** @type {import('../lib/seal.js').Seal<ConfigManager>} */
const managers = /* @__PURE__ */ makeSeal('config manager');

/** @param {ConstructorParameters<typeof ConfigManager>[0]} options @returns {object} for createInstance's `projectConfigManager` */
export function makeConfigManager(options) {
  return managers.wrap(new ConfigManager(options));
}

/**
 * @param {unknown} opaque
 * @throws {Error} when no factory of ours made it
 */
export function openConfigManager(opaque) {
  const manager = managers.open(opaque);
  if (!manager) throw new Error('Invalid config manager');
  return manager;
}
