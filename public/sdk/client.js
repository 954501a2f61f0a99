import { openConfigManager } from './config/manager.js';
import { Core } from './core.js';
import { FlagDecisions } from './decide.js';
import { Deferred, within } from './lib/deferred.js';
import { AttributeError, toOwnLogEvent, toUser } from './engine/index.js';
import { clientEngine as ownEngine } from './enums.js';
import { processors } from './events/processor.js';
import { Features } from './features.js';
import { ForcedVariations } from './forced_variations.js';
import { READY_TIMEOUT_MS } from './defaults.js';
import { ErrorReporter, notifiers } from './lib/error_reporter.js';
import { openLogger } from './lib/logger.js';
import { onLeave } from './lib/page.js';
import { meetCopies } from './lib/page_mates.js';
import { attributesError, conversionError, decisionError, formError, inputsError, isUserId } from './lib/validate.js';
import { DECISION_NOTIFICATION_TYPES, NOTIFICATION_TYPES, NotificationCenter } from './notification_center.js';
import { odpManagers } from './odp.js';
import { OptimizelyUserContext } from './user_context.js';
import { UserProfiles, checkService } from './user_profiles.js';
import { CLIENT_VERSION } from './version.js';

/**
 * @typedef {import('./engine/index.js').Experiment} Experiment
 * @typedef {import('./engine/index.js').User} User
 * @typedef {import('./engine/index.js').Variation} Variation
 * @typedef {import('./config/project_config.js').ProjectConfig} ProjectConfig
 * @typedef {Record<string, any>} Attributes
 *
 * @typedef {object} Config
 * @property {object} projectConfigManager what one of the config manager factories returned
 * @property {object} [eventProcessor] without one nothing is sent
 * @property {object} [logger] without one nothing is logged
 * @property {object} [errorNotifier]
 * @property {object} [userProfileService] remembers which variation a user had
 * @property {object} [userProfileServiceAsync] the same for the async decisions; used where there is no userProfileService
 * @property {string[]} [defaultDecideOptions]
 * @property {object} [odpManager]
 * @property {object} [vuidManager]
 * @property {string} [clientEngine] name in events
 * @property {string} [clientVersion]
 * @property {boolean} [disposable] the client will not live long: nothing is held back, and retries are few
 */

/**
 * Decides for users and tells of it. Its methods never throw, but for createUserContext's. It has no private members: those would refuse
 * whoever makes an object of their own that inherits from a client, as `@optimizely/react-sdk` 4 does, or a Proxy.
 */
export class Client {
  /** @type {Deferred<void>} */
  untilRunning = new Deferred();
  /** @type {Promise<void> | undefined} */
  untilClosed;

  /**
   * @param {Config} config
   * @param {import('./engine/index.js').EngineLoader} engine
   * @throws {Error} `Invalid config manager`
   */
  constructor(config, engine) {
    this.configManager = openConfigManager(config?.projectConfigManager);
    this.processor = processors.open(config.eventProcessor);
    this.logger = openLogger(config.logger);
    this.reporter = new ErrorReporter(this.logger, notifiers.open(config.errorNotifier));
    this.odpOptions = odpManagers.open(config.odpManager);
    this.notificationCenter = new NotificationCenter(this.reporter);
    this.clientCore = this.makeCore(config);
    this.featureCalls = new Features(this.clientCore);
    /** What user contexts decide with. */
    this.flags = new FlagDecisions(this.clientCore, config.defaultDecideOptions);
    this.stopLeaving = onLeave(() => this.processor?.leave());
    this.startParts(config, engine);
  }

  /** @param {Config} config */
  makeCore({ userProfileService, userProfileServiceAsync }) {
    const { logger, reporter } = this;
    const service = checkService(userProfileService, logger);
    return new Core({
      configManager: this.configManager,
      processor: this.processor,
      logger,
      reporter,
      notificationCenter: this.notificationCenter,
      profiles: new UserProfiles(service, logger),
      asyncProfiles: new UserProfiles(service ?? checkService(userProfileServiceAsync, logger), logger),
      forcedVariations: new ForcedVariations(logger),
    });
  }

  /** @param {Config} config @param {import('./engine/index.js').EngineLoader} engine */
  startParts({ clientEngine, clientVersion, disposable = false }, engine) {
    const logger = this.logger;
    meetCopies(logger);
    this.processor?.start({
      logger,
      disposable,
      onDispatch: (logEvent) => {
        if (this.notificationCenter.isHeard) this.notifyDispatch(logEvent);
      },
    });
    this.configManager.untilRunning.then(this.untilRunning.resolve, (error) => {
      if (!this.untilClosed) this.reporter.report(error);
      this.untilRunning.reject(error);
    });
    this.configManager.start({
      logger: logger.child('ProjectConfigManager'),
      engine,
      client: { clientName: clientEngine || ownEngine, clientVersion: clientVersion || CLIENT_VERSION },
      disposable,
      onUpdate: ({ facts }) => {
        logger.info('Updated Optimizely config to revision %s (project id %s)', facts.revision, facts.projectId);
        this.notificationCenter.notify(NOTIFICATION_TYPES.OPTIMIZELY_CONFIG_UPDATE, () => undefined);
      },
    });
  }

  /** @param {import('./events/processor.js').LogEvent} logEvent */
  notifyDispatch(logEvent) {
    this.notificationCenter.notify(NOTIFICATION_TYPES.LOG_EVENT, () => logEvent);
  }

  /** Vue's own mark, as its markRaw sets it, of what is not to be wrapped in proxies: neither a client nor what is in it would work in one. */
  get __v_skip() {
    return true;
  }

  /**
   * Resolves once engine and datafile are there.
   * @param {{timeout?: number} | null} [options] milliseconds; default 30000, also for what is no finite number
   * @returns {Promise<unknown>} rejects with what failed, after the timeout, or when the client is closed first
   */
  onReady(options) {
    const timeout = Number.isFinite(options?.timeout) ? /** @type {{timeout: number}} */ (options).timeout : READY_TIMEOUT_MS;
    return within(this.untilRunning.promise, timeout, `onReady timeout expired after ${timeout} ms`);
  }

  /**
   * Sends what is waiting and stops. Decisions go on as before, by the last datafile.
   * @returns {Promise<unknown>}
   */
  close() {
    return (this.untilClosed ??= this.closeOnce());
  }

  async closeOnce() {
    this.untilRunning.reject(new Error('Client stopped before running'));
    this.configManager.stop();
    const stopped = this.processor?.stop();
    this.notificationCenter.clearAllNotificationListeners();
    await stopped;
    this.stopLeaving(); // should the page go before, what still waits goes with it
  }

  /**
   * Decides an experiment for a user and sends an impression.
   * @param {string} experimentKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {string | null} the variation's key; null when the user is not in the experiment, or on any error
   */
  activate(experimentKey, userId, attributes) {
    let failure;
    try {
      const config = this.clientCore.configFor('activate');
      if (!config) return null;
      const user = toUser(userId, attributes);
      const variation = this.decideExperiment(config, experimentKey, user);
      if (variation) {
        this.clientCore.sendActivation(config, /** @type {Experiment} */ (config.project.experiment(experimentKey)), variation, user);
        return variation.key;
      }
    } catch (error) {
      failure = error;
    }
    this.logger.info('Not activating user %s for experiment %s.', userId, experimentKey);
    if (failure) this.reportFailure(failure, attributes);
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
      const config = this.clientCore.configFor('getVariation');
      return (config && this.decideExperiment(config, experimentKey, toUser(userId, attributes))?.key) ?? null;
    } catch (error) {
      this.reportFailure(error, attributes);
      return null;
    }
  }

  /**
   * The same for many users of the same attributes, many times faster. Decision listeners hear nothing of it.
   * @param {string} experimentKey
   * @param {readonly string[]} userIds
   * @param {Attributes} [attributes]
   * @returns {(string | null)[]} a variation's key for each, as getVariation answers
   */
  getVariations(experimentKey, userIds, attributes) {
    /** @type {(string | null)[] | undefined} */
    const keys = this.tryCall(undefined, () => {
      const core = this.clientCore;
      const config = core.configUnless('getVariations', inputsError('', { experiment_key: experimentKey }, attributes));
      const experiment = config?.project.experiment(experimentKey);
      if (!config || !experiment || experiment.isRollout) return undefined;
      const { project } = config;
      const mistaken = userIds.find((id) => !isUserId(id));
      if (mistaken !== undefined) throw inputsError(mistaken, {});
      if (core.remembersNothing(attributes)) return project.getVariations(experiment, userIds, attributes);
      return userIds.map((id) => this.decideFor(config, experiment, toUser(id, attributes))?.key ?? null);
    });
    return keys ?? userIds.map(() => null);
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
    if (!this.processor) return this.logger.error('No event processor is provided');
    try {
      const config = this.clientCore.configFor('track');
      if (config) this.convertEvent(config, eventKey, userId, attributes, eventTags);
    } catch (error) {
      this.reportFailure(error, attributes);
      if (!(error instanceof AttributeError)) this.logger.info('Not tracking user %s.', userId);
    }
  }

  /**
   * Whether a flag is on for a user; sends an impression.
   * @param {string} featureKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {boolean} false on any error
   */
  isFeatureEnabled(featureKey, userId, attributes) {
    try {
      return this.featureCalls.isEnabled(featureKey, toUser(userId, attributes));
    } catch (error) {
      this.reportFailure(error, attributes);
      return false;
    }
  }

  /**
   * The flags that are on for a user; sends an impression for each flag.
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {string[]} keys; none on any error
   */
  getEnabledFeatures(userId, attributes) {
    return this.featureCalls.keysFor(userId).filter((key) => this.isFeatureEnabled(key, userId, attributes));
  }

  /**
   * The value of a flag's variable for a user, of whichever type. Sends nothing; nor do the calls below.
   * @param {string} featureKey
   * @param {string} variableKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {any} null on any error
   */
  getFeatureVariable(featureKey, variableKey, userId, attributes) {
    return this.typedVariable('getFeatureVariable', undefined, featureKey, variableKey, userId, attributes);
  }

  /** @param {string} featureKey @param {string} variableKey @param {string} userId @param {Attributes} [attributes] @returns {boolean | null} */
  getFeatureVariableBoolean(featureKey, variableKey, userId, attributes) {
    return this.typedVariable('getFeatureVariableBoolean', 'boolean', featureKey, variableKey, userId, attributes);
  }

  /** @param {string} featureKey @param {string} variableKey @param {string} userId @param {Attributes} [attributes] @returns {number | null} */
  getFeatureVariableDouble(featureKey, variableKey, userId, attributes) {
    return this.typedVariable('getFeatureVariableDouble', 'double', featureKey, variableKey, userId, attributes);
  }

  /** @param {string} featureKey @param {string} variableKey @param {string} userId @param {Attributes} [attributes] @returns {number | null} */
  getFeatureVariableInteger(featureKey, variableKey, userId, attributes) {
    return this.typedVariable('getFeatureVariableInteger', 'integer', featureKey, variableKey, userId, attributes);
  }

  /** @param {string} featureKey @param {string} variableKey @param {string} userId @param {Attributes} [attributes] @returns {string | null} */
  getFeatureVariableString(featureKey, variableKey, userId, attributes) {
    return this.typedVariable('getFeatureVariableString', 'string', featureKey, variableKey, userId, attributes);
  }

  /** @param {string} featureKey @param {string} variableKey @param {string} userId @param {Attributes} [attributes] @returns {any} */
  getFeatureVariableJSON(featureKey, variableKey, userId, attributes) {
    return this.typedVariable('getFeatureVariableJSON', 'json', featureKey, variableKey, userId, attributes);
  }

  /**
   * @param {string} featureKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {Record<string, any> | null} values by key
   */
  getAllFeatureVariables(featureKey, userId, attributes) {
    try {
      return this.featureCalls.allVariables(featureKey, toUser(userId, attributes));
    } catch (error) {
      this.reportFailure(error, attributes);
      return null;
    }
  }

  /**
   * @param {string} call
   * @param {string | undefined} type
   * @param {string} featureKey
   * @param {string} variableKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   */
  typedVariable(call, type, featureKey, variableKey, userId, attributes) {
    try {
      return this.featureCalls.variable(call, type, featureKey, variableKey, toUser(userId, attributes));
    } catch (error) {
      this.reportFailure(error, attributes);
      return null;
    }
  }

  /**
   * Makes a user's decisions of an experiment come to a variation, whatever the datafile says.
   * @param {string} experimentKey
   * @param {string} userId
   * @param {string | null} [variationKey] null to force none any longer
   * @returns {boolean} whether it was done
   */
  setForcedVariation(experimentKey, userId, variationKey) {
    return this.tryCall(false, () => {
      const config = this.forcible(experimentKey, userId);
      return config ? this.clientCore.forcedVariations.set(config.project, experimentKey, userId, variationKey) : false;
    });
  }

  /**
   * @param {string} experimentKey
   * @param {string} userId
   * @returns {string | null} the key of the variation that is forced
   */
  getForcedVariation(experimentKey, userId) {
    return this.tryCall(null, () => {
      const config = this.forcible(experimentKey, userId);
      return config ? this.clientCore.forcedVariations.get(config.project, experimentKey, userId) : null;
    });
  }

  /** The datafile to force a variation by, when what the application passed is of the right form. @param {unknown} experimentKey @param {unknown} userId */
  forcible(experimentKey, userId) {
    const problem = inputsError(userId, { experiment_key: experimentKey });
    return problem ? this.reporter.report(problem) : this.clientCore.config;
  }

  /** What the datafile says, in a form for people and programs to read. @returns {object | null} */
  getOptimizelyConfig() {
    return this.tryCall(null, () => this.clientCore.config?.optimizelyConfig ?? null);
  }

  /**
   * Reports what goes wrong, for calls that never throw.
   * @template T
   * @param {T} otherwise
   * @param {() => T} call
   * @returns {T}
   */
  tryCall(otherwise, call) {
    try {
      return call();
    } catch (error) {
      this.reporter.report(error);
      return otherwise;
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
      if (userId != null) this.reporter.report('Provided %s is in an invalid format.', 'user_id');
      throw new Error('Invalid identifier');
    }
    const project = this.configManager.config?.project;
    let problem = (project ? formError : attributesError)(attributes);
    const user = toUser(userId, Object.assign({}, attributes), true);
    try {
      if (!problem) project?.keep(user); // which is likely to decide for them
    } catch (error) {
      problem = attributesError(attributes);
      if (!problem) throw error;
    }
    if (problem) {
      this.reporter.report(problem);
      throw new Error('Invalid attributes');
    }
    return new OptimizelyUserContext(this, user);
  }

  /** @returns {string | undefined} undefined: this client gives visitors no ids */
  getVuid() {
    this.logger.error('Unable to get VUID - VuidManager is not available');
    return undefined;
  }

  /** Whether the datafile's project uses Optimizely's data platform; this client asks it nothing. @returns {boolean} */
  isOdpIntegrated() {
    return this.configManager.config?.project.facts.hasODP ?? false;
  }

  /** Sends nothing: see odp.js. */
  sendOdpEvent() {
    this.missOdp('sendOdpEvent');
  }

  /** @returns {boolean} whether segments were fetched */
  fetchQualifiedSegments() {
    this.missOdp('fetchQualifiedSegments');
    return false;
  }

  /** @param {string} call */
  missOdp(call) {
    if (this.odpOptions) this.logger.error('ODP is not integrated');
    else this.logger.error('ODP Manager is missing. %s failed.', call);
  }

  /** Reports why there is no decision or event: by its official name, when the engine came upon an attribute without a value. @param {unknown} error @param {Attributes} [attributes] */
  reportFailure(error, attributes) {
    this.reporter.report(error instanceof AttributeError ? attributesError(attributes) : error);
  }

  /**
   * @param {ProjectConfig} config
   * @param {string} experimentKey
   * @param {User} user
   */
  decideExperiment(config, experimentKey, user) {
    const { project } = config;
    const { id: userId, attributes } = user;
    const problem = decisionError(userId, 'experiment_key', experimentKey, attributes);
    if (problem) return this.reporter.report(problem);
    const experiment = project.experiment(experimentKey);
    if (!experiment || experiment.isRollout) {
      if (this.clientCore.areWhole(attributes)) this.logger.debug('Experiment key %s is not in datafile. It is either invalid, paused, or archived.', experimentKey);
      return undefined;
    }
    const variation = this.decideFor(config, experiment, user);
    if (this.notificationCenter.isHeard) this.notifyDecision(experiment, variation, user);
    return variation;
  }

  /** Decides with all that is remembered of the user. @param {ProjectConfig} config @param {Experiment} experiment @param {User} user */
  decideFor(config, experiment, user) {
    const known = this.clientCore.known(user);
    const variation = config.project.getVariation(experiment, known);
    this.clientCore.save(config, known);
    return variation;
  }

  // What happens seldom stands apart: a function with a closure in it makes room for what the closure needs each time it is called.

  /** @param {Experiment} experiment @param {Variation | undefined} variation @param {User} user */
  notifyDecision({ key: experimentKey, hasFlag }, variation, { id, attributes }) {
    const type = hasFlag ? DECISION_NOTIFICATION_TYPES.FEATURE_TEST : DECISION_NOTIFICATION_TYPES.AB_TEST;
    this.clientCore.notifyDecision(type, id, attributes, () => ({ experimentKey, variationKey: variation?.key ?? null }));
  }

  /**
   * @param {ProjectConfig} config
   * @param {string} eventKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @param {Attributes} [eventTags]
   */
  convertEvent({ project }, eventKey, userId, attributes, eventTags) {
    const type = project.eventType(eventKey);
    const problem = conversionError(userId, eventKey, attributes, eventTags, type);
    if (problem) return this.reporter.report(problem);
    if (!type) {
      this.logger.warn('Event key %s is not in datafile.', eventKey);
      return this.logger.warn('Not tracking user %s.', userId);
    }
    const event = project.conversion(type, toUser(userId, attributes), eventTags);
    this.logger.info('Tracking event %s for user %s.', eventKey, userId);
    this.clientCore.dispatch(event, 'conversion');
    if (this.notificationCenter.isHeard) this.notifyConversion({ eventKey, userId, attributes, eventTags }, event);
  }

  /** @param {{eventKey: string, userId: string, attributes: Attributes | undefined, eventTags: Attributes | undefined}} call @param {import('./engine/index.js').UserEvent} event */
  notifyConversion(call, event) {
    this.notificationCenter.notify(NOTIFICATION_TYPES.TRACK, () => ({ ...call, logEvent: toOwnLogEvent(event) }));
  }
}
