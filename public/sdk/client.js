import { openConfigManager } from './config/manager.js';
import { AttributeError, toLogEvent } from './engine/index.js';
import { CLIENT_VERSION, clientEngine as ownEngine } from './enums.js';
import { openEventProcessor } from './events/processor.js';
import { Deferred, within } from './lib/deferred.js';
import { ErrorReporter, openErrorNotifier } from './lib/error_reporter.js';
import { openLogger } from './lib/logger.js';
import { onLeave } from './lib/page.js';
import { attributesError, decisionError, inputError, isUserId } from './lib/validate.js';
import { DECISION_NOTIFICATION_TYPES, NOTIFICATION_TYPES, NotificationCenter } from './notification_center.js';
import { isOdpManager } from './odp.js';
import { OptimizelyUserContext } from './user_context.js';

/**
 * @typedef {import('./engine/index.js').UserEvent} UserEvent
 * @typedef {import('./engine/project.js').Experiment} Experiment
 * @typedef {import('./engine/project.js').Variation} Variation
 * @typedef {import('./config/project_config.js').ProjectConfig} ProjectConfig
 * @typedef {Record<string, any>} Attributes
 *
 * @typedef {object} Config
 * @property {object} projectConfigManager what one of the config manager factories returned
 * @property {object} [eventProcessor] without one nothing is sent
 * @property {object} [logger] without one nothing is logged
 * @property {object} [errorNotifier]
 * @property {object} [odpManager]
 * @property {object} [vuidManager]
 * @property {string} [clientEngine] name in events
 * @property {string} [clientVersion]
 * @property {boolean} [disposable] the client will not live long: nothing is held back, and retries are few
 */

const READY_TIMEOUT_MS = 30_000;

/**
 * Returns at once. Until engine and datafile are there, every call answers as it does for want of a datafile.
 * @param {Config} config
 * @returns {Client}
 * @throws {Error} `Invalid config manager`
 */
export function createInstance(config) {
  return new Client(config);
}

/** Decides for users and tells of it. Its methods never throw, but for createUserContext's. */
export class Client {
  #manager;
  #processor;
  #logger;
  #reporter;
  #hasOdp;
  #stopLeaving;
  /** @type {Deferred<void>} */
  #running = new Deferred();
  /** @type {Promise<void> | undefined} */
  #closing;
  notificationCenter;

  /** @param {Config} config */
  constructor(config) {
    this.#manager = openConfigManager(config.projectConfigManager);
    this.#processor = openEventProcessor(config.eventProcessor);
    this.#logger = openLogger(config.logger);
    this.#reporter = new ErrorReporter(this.#logger, openErrorNotifier(config.errorNotifier));
    this.#hasOdp = isOdpManager(config.odpManager);
    this.notificationCenter = new NotificationCenter(this.#reporter);
    this.#stopLeaving = onLeave(() => this.#processor?.leave());
    this.#start(config);
  }

  /** @param {Config} config */
  #start({ clientEngine = ownEngine, clientVersion = CLIENT_VERSION, disposable = false }) {
    const logger = this.#logger;
    this.#processor?.start({
      logger,
      disposable,
      onDispatch: (logEvent) => this.notificationCenter.notify(NOTIFICATION_TYPES.LOG_EVENT, () => logEvent),
    });
    this.#manager.running.then(this.#running.resolve, (error) => {
      if (!this.#closing) this.#reporter.report(error);
      this.#running.reject(error);
    });
    this.#manager.start({
      logger: logger.child('ProjectConfigManager'),
      reporter: this.#reporter,
      client: { clientName: clientEngine, clientVersion },
      disposable,
      onUpdate: ({ facts }) => {
        logger.info('Updated Optimizely config to revision %s (project id %s)', facts.revision, facts.projectId);
        this.notificationCenter.notify(NOTIFICATION_TYPES.OPTIMIZELY_CONFIG_UPDATE, () => undefined);
      },
    });
  }

  /**
   * Resolves once engine and datafile are there.
   * @param {{timeout?: number}} [options] milliseconds; default 30000
   * @returns {Promise<unknown>} rejects with what failed, after the timeout, or when the client is closed first
   */
  onReady({ timeout = READY_TIMEOUT_MS } = {}) {
    return within(this.#running.promise, timeout, `onReady timeout expired after ${timeout} ms`);
  }

  /**
   * Sends what is waiting and stops. Decisions go on as before, by the last datafile.
   * @returns {Promise<unknown>}
   */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    this.#stopLeaving();
    this.#running.reject(new Error('Client stopped before running'));
    this.#manager.stop();
    await this.#processor?.stop();
    this.notificationCenter.clearAllNotificationListeners();
  }

  /**
   * Decides an experiment for a user and sends an impression.
   * @param {string} experimentKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {string | null} the variation's key; null when the user is not in the experiment, or on any error
   */
  activate(experimentKey, userId, attributes) {
    try {
      const config = this.#configFor('activate');
      if (!config) return null;
      const variation = this.#decide(config, experimentKey, userId, attributes);
      if (variation) {
        this.#sendImpression(config, /** @type {Experiment} */ (config.project.experiment(experimentKey)), variation, userId, attributes);
        return variation.key;
      }
      this.#logger.info('Not activating user %s for experiment %s.', userId, experimentKey);
    } catch (error) {
      this.#logger.info('Not activating user %s for experiment %s.', userId, experimentKey);
      this.#reportDecision(error, attributes);
    }
    return null;
  }

  /**
   * Decides an experiment for a user, and sends nothing.
   * @param {string} experimentKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {string | null} the variation's key; null when the user is not in the experiment, or on any error
   */
  getVariation(experimentKey, userId, attributes) {
    try {
      const config = this.#configFor('getVariation');
      return (config && this.#decide(config, experimentKey, userId, attributes)?.key) ?? null;
    } catch (error) {
      this.#reportDecision(error, attributes);
      return null;
    }
  }

  /**
   * Sends a conversion.
   * @param {string} eventKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @param {Attributes} [eventTags] `revenue` in cents and `value` count as numbers. Tags without a value are removed from the object.
   * @returns {void}
   */
  track(eventKey, userId, attributes, eventTags) {
    if (!this.#processor) return this.#logger.error('No event processor is provided');
    try {
      const config = this.#configFor('track');
      if (config) this.#convert(config, eventKey, userId, attributes, eventTags);
    } catch (error) {
      this.#reporter.report(error);
      this.#logger.info('Not tracking user %s.', userId);
    }
  }

  /**
   * @param {string} [userId]
   * @param {Attributes} [attributes]
   * @returns {OptimizelyUserContext}
   * @throws {Error} `Invalid identifier` or `Invalid attributes`
   */
  createUserContext(userId, attributes) {
    if (!isUserId(userId)) {
      this.#reporter.report('Provided %s is in an invalid format.', 'user_id');
      throw new Error('Invalid identifier');
    }
    const problem = attributesError(attributes);
    if (problem) {
      this.#reporter.report(problem);
      throw new Error('Invalid attributes');
    }
    return new OptimizelyUserContext(this, userId, attributes);
  }

  /** @returns {string | undefined} undefined: this client gives visitors no ids */
  getVuid() {
    this.#logger.error('Unable to get VUID - VuidManager is not available');
    return undefined;
  }

  isOdpIntegrated() {
    return false;
  }

  /** Sends nothing: see odp.js. */
  sendOdpEvent() {
    this.#missOdp('sendOdpEvent');
  }

  /** @returns {boolean} whether segments were fetched */
  fetchQualifiedSegments() {
    this.#missOdp('fetchQualifiedSegments');
    return false;
  }

  /** @param {string} call */
  #missOdp(call) {
    if (this.#hasOdp) this.#logger.error('ODP is not integrated');
    else this.#logger.error('ODP Manager is missing. %s failed.', call);
  }

  /** Reports why there is no decision: by its official name, when the engine came upon an attribute without a value. @param {unknown} error @param {Attributes} [attributes] */
  #reportDecision(error, attributes) {
    this.#reporter.report(error instanceof AttributeError ? attributesError(attributes) : error);
  }

  /** @param {string} call what cannot be done without */
  #configFor(call) {
    const { config } = this.#manager;
    if (!config) this.#reporter.report('No project config available. Failing %s.', call);
    return config;
  }

  /**
   * @param {ProjectConfig} config
   * @param {string} experimentKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   */
  #decide({ project }, experimentKey, userId, attributes) {
    const problem = decisionError(userId, 'experiment_key', experimentKey, attributes);
    if (problem) return this.#reporter.report(problem);
    const experiment = project.experiment(experimentKey);
    if (!experiment || experiment.isRollout) {
      const mistake = attributesError(attributes);
      if (mistake) return this.#reporter.report(mistake);
      this.#logger.debug('Experiment key %s is not in datafile. It is either invalid, paused, or archived.', experimentKey);
      return undefined;
    }
    const variation = project.getVariation(experiment, userId, attributes ?? undefined);
    if (this.notificationCenter.hearsDecisions) this.#notifyDecision(experiment, variation, userId, attributes);
    return variation ?? undefined;
  }

  /**
   * @param {Experiment} experiment
   * @param {Variation | null} variation
   * @param {string} userId
   * @param {Attributes} [attributes]
   */
  #notifyDecision(experiment, variation, userId, attributes) {
    this.notificationCenter.notify(NOTIFICATION_TYPES.DECISION, () => ({
      type: experiment.hasFlag ? DECISION_NOTIFICATION_TYPES.FEATURE_TEST : DECISION_NOTIFICATION_TYPES.AB_TEST,
      userId,
      attributes: { ...attributes },
      decisionInfo: { experimentKey: experiment.key, variationKey: variation?.key ?? null },
    }));
  }

  /**
   * @param {ProjectConfig} config
   * @param {Experiment} experiment
   * @param {Variation} variation
   * @param {string} userId
   * @param {Attributes} [attributes]
   */
  #sendImpression(config, experiment, variation, userId, attributes) {
    if (!this.#processor) return this.#logger.error('No event processor is provided');
    const event = config.project.impression(experiment, variation, userId, attributes ?? undefined);
    this.#processor.process(event, 'impression');
    this.notificationCenter.notify(NOTIFICATION_TYPES.ACTIVATE, () => ({
      ...config.entities.decided(experiment.id, variation.key),
      userId,
      attributes,
      logEvent: toLogEvent([event]),
    }));
  }

  /**
   * @param {ProjectConfig} config
   * @param {string} eventKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @param {Attributes} [eventTags]
   */
  #convert({ project }, eventKey, userId, attributes, eventTags) {
    const problem = inputError(userId, 'event_key', eventKey, attributes, eventTags);
    if (problem) return this.#reporter.report(problem);
    const eventType = project.event(eventKey);
    if (!eventType) {
      this.#logger.warn('Event key %s is not in datafile.', eventKey);
      this.#logger.warn('Not tracking user %s.', userId);
      return;
    }
    removeEmpty(eventTags);
    const event = project.conversion(eventType, userId, attributes ?? undefined, eventTags ?? undefined);
    this.#logger.info('Tracking event %s for user %s.', eventKey, userId);
    this.#processor?.process(event, 'conversion');
    this.notificationCenter.notify(NOTIFICATION_TYPES.TRACK, () => ({
      eventKey, userId, attributes, eventTags, logEvent: toLogEvent([event]),
    }));
  }
}

/** Removes tags without a value from the application's own object, as the official SDK does. @param {Attributes | undefined} tags */
function removeEmpty(tags) {
  for (const key of Object.keys(tags ?? {})) {
    if (tags?.[key] === null || tags?.[key] === undefined) delete tags?.[key];
  }
}
