import { DECISION_NOTIFICATION_TYPES } from './notification_center.js';
import { valuesOf } from './engine/index.js';
import { format } from './lib/message.js';
import { OptimizelyUserContext } from './user_context.js';
import * as Option from './decide_options.js';

/**
 * @typedef {import('./core.js').Core} Core
 * @typedef {import('./config/project_config.js').ProjectConfig} ProjectConfig
 * @typedef {import('./engine/index.js').Decision} Decision
 * @typedef {import('./engine/index.js').Outcome} Outcome
 * @typedef {import('./engine/index.js').User} User
 * @typedef {import('./user_profiles.js').BucketMap} BucketMap
 *
 * @typedef {object} OptimizelyDecision
 * @property {string | null} variationKey
 * @property {boolean} enabled
 * @property {Record<string, any>} variables
 * @property {string | null} ruleKey
 * @property {string} flagKey
 * @property {OptimizelyUserContext} userContext
 * @property {string[]} reasons
 */

/** The decide calls of user contexts. */
export class FlagDecisions {
  #core;
  #defaults;

  /** @param {Core} core @param {unknown} defaultOptions */
  constructor(core, defaultOptions) {
    this.#core = core;
    this.#defaults = Option.toBits(defaultOptions ?? [], core.logger);
  }

  /**
   * @param {OptimizelyUserContext} context belongs to the decision from here on
   * @param {string} key
   * @param {unknown} options
   * @returns {OptimizelyDecision}
   */
  decide(context, key, options) {
    const config = this.#core.configFor('decide');
    if (!config) return errorDecision(context, key, NOT_READY);
    const bits = this.#bits(options);
    if (this.#remembers(context, bits)) return this.#decideAll(context, config, [key], bits & ~Option.ENABLED_FLAGS_ONLY)[key];
    const flag = config.project.flag(key);
    if (!flag) return this.#unknown(context, key);
    const user = this.#userFor(context);
    const decision = config.project.decide(flag, user, (bits & Option.INCLUDE_REASONS) !== 0);
    return this.#tell(context, user, config, decision, bits, reasonsOf(config, user.id, bits));
  }

  /** @param {OptimizelyUserContext} context @param {string} key @param {unknown} options @returns {Promise<OptimizelyDecision>} */
  async decideAsync(context, key, options) {
    const config = this.#core.configFor('decide');
    if (!config) return errorDecision(context, key, NOT_READY);
    const decisions = await this.#decideAllAsync(context, config, [key], this.#bits(options) & ~Option.ENABLED_FLAGS_ONLY);
    return decisions[key];
  }

  /** @param {OptimizelyUserContext} context @param {string[]} keys @param {unknown} options @returns {Record<string, OptimizelyDecision>} */
  decideForKeys(context, keys, options) {
    const config = this.#core.configFor('decideForKeys');
    return config ? this.#decideAll(context, config, keys, this.#bits(options)) : {};
  }

  /** @param {OptimizelyUserContext} context @param {string[]} keys @param {unknown} options @returns {Promise<Record<string, OptimizelyDecision>>} */
  async decideForKeysAsync(context, keys, options) {
    const config = this.#core.configFor('decideForKeys');
    return config ? this.#decideAllAsync(context, config, keys, this.#bits(options)) : {};
  }

  /** @param {OptimizelyUserContext} context @param {unknown} options @returns {Record<string, OptimizelyDecision>} */
  decideAll(context, options) {
    const config = this.#core.configFor('decideAll');
    if (!config) return {};
    const { project } = config;
    const bits = this.#bits(options);
    if ((bits & Option.INCLUDE_REASONS) !== 0 || this.#remembers(context, bits)) return this.#decideAll(context, config, project.flagKeys, bits);
    const user = this.#userFor(context);
    const all = (bits & Option.ENABLED_FLAGS_ONLY) === 0;
    /** @type {Record<string, OptimizelyDecision>} */
    const decisions = all ? project.byFlag() : {};
    for (const decision of project.decideAll(user)) {
      const told = this.#tell(context, user, config, decision, bits, []);
      if (all || told.enabled) decisions[told.flagKey] = told;
    }
    return decisions;
  }

  /** @param {OptimizelyUserContext} context @param {unknown} options @returns {Promise<Record<string, OptimizelyDecision>>} */
  async decideAllAsync(context, options) {
    const config = this.#core.configFor('decideAll');
    return config ? this.#decideAllAsync(context, config, config.project.flagKeys, this.#bits(options)) : {};
  }

  /** @param {unknown} options */
  #bits(options) {
    return this.#defaults | Option.toBits(options, this.#core.logger);
  }

  /** Whether what users had before has a part in their decisions. @param {OptimizelyUserContext} context @param {number} bits */
  #remembers(context, bits) {
    return (bits & Option.IGNORE_USER_PROFILE_SERVICE) === 0 && this.#core.profiles.concern(OptimizelyUserContext.attributesOf(context));
  }

  /** @param {OptimizelyUserContext} context @param {ProjectConfig} config @param {string[]} keys @param {number} bits */
  #decideAll(context, config, keys, bits) {
    if (keys.length === 0) return {};
    keys = [...keys];
    const { profiles } = this.#core;
    const userId = context.getUserId();
    const ignored = (bits & Option.IGNORE_USER_PROFILE_SERVICE) !== 0;
    // With reasons, what a flag bucketed the user into is told by the next one, service or not.
    const wanted = !ignored && (this.#remembers(context, bits) || (bits & Option.INCLUDE_REASONS) !== 0);
    const map = wanted ? profiles.lookUpSync(userId, OptimizelyUserContext.attributesOf(context)) : undefined;
    return this.#decideEach(context, config, keys, bits, map, true, (additions) => map && profiles.save(userId, map, additions));
  }

  /** @param {OptimizelyUserContext} context @param {ProjectConfig} config @param {string[]} keys @param {number} bits */
  async #decideAllAsync(context, config, keys, bits) {
    if (keys.length === 0) return {};
    keys = [...keys];
    const profiles = this.#core.asyncProfiles;
    const userId = context.getUserId();
    const attributes = OptimizelyUserContext.attributesOf(context);
    const ignored = (bits & Option.IGNORE_USER_PROFILE_SERVICE) !== 0;
    /** @type {BucketMap | undefined} */
    let map;
    if (!ignored && profiles.concern(attributes)) {
      config.isAwaited = true;
      map = await profiles.lookUp(userId, attributes);
    }
    /** @type {Promise<void> | undefined} */
    let saved;
    const decisions = this.#decideEach(context, config, keys, bits, map, false, (additions) => {
      saved = map && profiles.save(userId, map, additions);
    });
    await saved;
    return decisions;
  }

  /**
   * Decides all flags first, then tells of each, as officially.
   * @param {OptimizelyUserContext} context
   * @param {ProjectConfig} config
   * @param {string[]} keys
   * @param {number} bits
   * @param {BucketMap | undefined} map what the user had before
   * @param {boolean} inTurn each flag sees what earlier ones were bucketed into
   * @param {(additions: BucketMap) => void} decided called between the two with what is new about
   *   the user
   */
  #decideEach(context, config, keys, bits, map, inTurn, decided) {
    /** @type {Record<string, OptimizelyDecision>} */
    const decisions = {};
    const { project } = config;
    const shared = this.#userFor(context, map);
    /** @type {BucketMap} */
    const additions = {};
    /** A key that is listed again is decided again, and told of once. @type {Map<string, {decision: Decision, reasons: string[]}>} */
    const made = new Map();
    for (const key of keys) {
      const flag = project.flag(key);
      if (!flag) {
        decisions[key] = this.#unknown(context, key);
        continue;
      }
      const decision = project.decide(flag, shared, (bits & Option.INCLUDE_REASONS) !== 0, inTurn && made.size > 0);
      if (map && !inTurn) Object.assign(additions, project.remembered());
      made.set(key, { decision, reasons: reasonsOf(config, shared.id, bits) });
    }
    if (map && inTurn && made.size > 0) Object.assign(additions, project.remembered());
    decided(additions);
    for (const key of keys) {
      const one = made.get(key);
      if (!one || Object.hasOwn(decisions, key)) continue;
      const told = this.#tell(context, shared, config, one.decision, bits, one.reasons);
      if (told.enabled || (bits & Option.ENABLED_FLAGS_ONLY) === 0) decisions[told.flagKey] = told;
    }
    return decisions;
  }

  /** The user with all that is forced, and with what they had before. @param {OptimizelyUserContext} context @param {BucketMap} [map] */
  #userFor(context, map) {
    return OptimizelyUserContext.userOf(context, this.#core.forcedVariations.of(context.getUserId()), map);
  }

  /**
   * Sends the impressions of a decision, notifies of it, and puts it together.
   * @param {OptimizelyUserContext} context
   * @param {User} user who it stands for
   * @param {ProjectConfig} config
   * @param {Decision} decision
   * @param {number} bits
   * @param {string[]} reasons
   * @returns {OptimizelyDecision}
   */
  #tell(context, user, config, { flag, outcome, holdout }, bits, reasons) {
    const core = this.#core;
    let dispatched = false;
    if ((bits & Option.DISABLE_DECISION_EVENT) === 0) {
      dispatched = core.sendImpression(config, outcome, user);
      if (holdout && core.sendImpression(config, holdout, user)) dispatched = true;
    }
    const variables = (bits & Option.EXCLUDE_VARIABLES) === 0 ? valuesOf(outcome) : {};
    const { variationKey, enabled, ruleKey } = outcome;
    const told = { variationKey, enabled, variables, ruleKey, flagKey: flag.key, userContext: context, reasons };
    if (core.notificationCenter.isHeard) this.#notify(told, user, outcome, dispatched);
    return told;
  }

  /**
   * Stands apart from what it tells of: a function with a closure in it makes room for what the closure needs each time it is called.
   * @param {OptimizelyDecision} decision
   * @param {User} user
   * @param {Outcome} outcome
   * @param {boolean} decisionEventDispatched
   */
  #notify({ flagKey, enabled, variationKey, ruleKey, variables, reasons, userContext }, user, outcome, decisionEventDispatched) {
    this.#core.notifyDecision(DECISION_NOTIFICATION_TYPES.FLAG, user.id, userContext.getAttributes(), () => ({
      flagKey, enabled, variationKey, ruleKey, variables, reasons,
      decisionEventDispatched, experimentId: outcome.ruleId, variationId: outcome.variationId,
    }));
  }

  /** @param {OptimizelyUserContext} context @param {string} key */
  #unknown(context, key) {
    this.#core.logger.error('Feature key %s is not in datafile.', key);
    return errorDecision(context, key, format('No flag was found for key "%s".', [key]));
  }
}

const NOT_READY = 'Optimizely SDK not configured properly yet.';

/** Reasons of the decision just made. @param {ProjectConfig} config @param {string} id of the user @param {number} bits */
function reasonsOf({ project }, id, bits) {
  return (bits & Option.INCLUDE_REASONS) === 0 ? [] : project.reasons(id);
}

/** @param {OptimizelyUserContext} context @param {string} key @param {string} reason @returns {OptimizelyDecision} */
function errorDecision(context, key, reason) {
  return { variationKey: null, enabled: false, variables: {}, ruleKey: null, flagKey: key, userContext: context, reasons: [reason] };
}
