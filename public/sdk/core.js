import { attributesError } from './lib/validate.js';
import { NONE, toOwnLogEvent, toUser } from './engine/index.js';
import { NOTIFICATION_TYPES } from './notification_center.js';

/**
 * @typedef {import('./config/project_config.js').ProjectConfig} ProjectConfig
 * @typedef {import('./engine/index.js').Outcome} Outcome
 * @typedef {import('./engine/index.js').User} User
 * @typedef {import('./engine/index.js').UserEvent} UserEvent
 * @typedef {Record<string, any>} Attributes
 */

/** What the parts of a client have in common: the current datafile, what is remembered of users, and ways to tell of decisions. */
export class Core {
  #manager;
  #processor;

  /**
   * @param {object} parts
   * @param {import('./config/manager.js').ConfigManager} parts.configManager
   * @param {import('./events/processor.js').EventProcessor | undefined} parts.processor
   * @param {import('./lib/logger.js').Logger} parts.logger
   * @param {import('./lib/error_reporter.js').ErrorReporter} parts.reporter
   * @param {import('./notification_center.js').NotificationCenter} parts.notificationCenter
   * @param {import('./user_profiles.js').UserProfiles} parts.profiles
   * @param {import('./user_profiles.js').UserProfiles} parts.asyncProfiles of decisions that may wait for them
   * @param {import('./forced_variations.js').ForcedVariations} parts.forcedVariations
   */
  constructor({ configManager, processor, logger, reporter, notificationCenter, profiles, asyncProfiles, forcedVariations }) {
    this.#manager = configManager;
    this.#processor = processor;
    this.logger = logger;
    this.reporter = reporter;
    this.notificationCenter = notificationCenter;
    this.profiles = profiles;
    this.asyncProfiles = asyncProfiles;
    this.forcedVariations = forcedVariations;
  }

  /** The datafile that decides, once there is one. */
  get config() {
    return this.#manager.config;
  }

  /** @param {string} call what cannot be done without */
  configFor(call) {
    const { config } = this.#manager;
    if (!config) this.reporter.report('No project config available. Failing %s.', call);
    return config;
  }

  /**
   * The datafile of a call on a flag, when what the application passed is of the right form.
   * @param {string} call
   * @param {object | undefined} problem with what it passed
   * @returns {ProjectConfig | undefined}
   */
  configUnless(call, problem) {
    const config = this.configFor(call);
    if (config && problem) this.reporter.report(problem);
    return problem ? undefined : config;
  }

  /** Whether no attribute lacks a value, for whoever does not ask the engine, which would find one; else reports it. @param {Attributes | null | undefined} attributes */
  areWhole(attributes) {
    const mistake = attributesError(attributes);
    if (mistake) this.reporter.report(mistake);
    return !mistake;
  }

  /** Whether nothing is forced or remembered for anyone who has these attributes. @param {Attributes | null | undefined} attributes */
  remembersNothing(attributes) {
    return this.forcedVariations.isEmpty && !this.profiles.concern(attributes);
  }

  /**
   * A user of a legacy call with all that is remembered of them, and themselves when nothing is.
   * @param {User} user
   * @returns {User} whom to save after the decision
   */
  known(user) {
    const { id, attributes } = user;
    const forced = this.forcedVariations.of(id);
    let remembered;
    if (this.profiles.concern(attributes)) {
      const mistake = attributesError(attributes);
      if (mistake) throw mistake;
      remembered = this.profiles.lookUpSync(id, attributes);
    }
    return forced || remembered ? toUser(id, attributes, undefined, { forced, remembered }) : user;
  }

  /** Has what was just decided for a known user remembered. @param {ProjectConfig} config @param {User} user */
  save({ project }, { id, special }) {
    if (special?.remembered) this.profiles.save(id, special.remembered, project.remembered());
  }

  /**
   * Sends the impression of a flag's decision; that of a rollout only where the datafile says so.
   * @param {ProjectConfig} config
   * @param {Outcome} outcome
   * @param {User} user
   * @returns {boolean} whether the decision is one to be told by an impression
   */
  sendImpression({ project }, outcome, user) {
    if (outcome.source === 'rollout' && !project.facts.sendFlagDecisions) return false;
    if (this.#hasProcessor()) {
      const event = project.impression(outcome, user);
      this.dispatch(event, 'impression');
      if (this.notificationCenter.isHeard) {
        this.#notifyActivation(event, user, project.entity(outcome.rule, NONE), project.entity(NONE, outcome.variation));
      }
    }
    return true;
  }

  /**
   * Sends the impression of an experiment's decision.
   * @param {ProjectConfig} config
   * @param {import('./engine/index.js').Experiment} experiment
   * @param {import('./engine/index.js').Variation} variation
   * @param {User} user
   */
  sendActivation(config, experiment, variation, user) {
    if (!this.#hasProcessor()) return;
    const { project } = config;
    const event = project.activation(experiment, variation, user);
    this.dispatch(event, 'impression');
    if (this.notificationCenter.isHeard) {
      const shown = project.entity(experiment.index, NONE);
      this.#notifyActivation(event, user, shown, shown.variationKeyMap[variation.key]); // undefined where the traffic allocation names another experiment's
    }
  }

  #hasProcessor() {
    if (!this.#processor) this.logger.error('No event processor is provided');
    return this.#processor !== undefined;
  }

  /** @param {UserEvent} event @param {'impression' | 'conversion'} kind */
  dispatch(event, kind) {
    this.#processor?.process(event, kind);
  }

  /**
   * What has no layer is a holdout: so the official SDK tells them apart.
   * @param {UserEvent} event
   * @param {User} user
   * @param {any} rule null for none
   * @param {object | null | undefined} variation
   */
  #notifyActivation(event, { id, attributes }, rule, variation) {
    const isHoldout = rule && rule.layerId === undefined;
    this.notificationCenter.notify(NOTIFICATION_TYPES.ACTIVATE, () => (
      { experiment: isHoldout ? null : rule, holdout: isHoldout ? rule : null, userId: id, attributes, variation, logEvent: toOwnLogEvent(event) }
    ));
  }

  /**
   * @param {string} type
   * @param {string} userId
   * @param {Attributes | null | undefined} attributes
   * @param {() => Record<string, unknown>} decisionInfo made when somebody listens
   */
  notifyDecision(type, userId, attributes, decisionInfo) {
    this.notificationCenter.notify(NOTIFICATION_TYPES.DECISION, () => ({
      type, userId, attributes: attributes || {}, decisionInfo: decisionInfo(),
    }));
  }
}
