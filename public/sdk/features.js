import { DECISION_NOTIFICATION_TYPES } from './notification_center.js';
import { decisionError, inputsError, isKey } from './lib/validate.js';
import { valueOf, valuesOf, variableOf } from './engine/index.js';

/**
 * @typedef {import('./core.js').Core} Core
 * @typedef {import('./config/project_config.js').ProjectConfig} ProjectConfig
 * @typedef {import('./engine/index.js').Flag} Flag
 * @typedef {import('./engine/index.js').Outcome} Outcome
 * @typedef {import('./engine/index.js').User} User
 */

/** The calls on flags that came before user contexts. Nothing that is forced for a context counts for them. */
export class Features {
  #core;

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
  }

  /**
   * Whether a flag is on for a user; sends an impression.
   * @param {string} featureKey
   * @param {User} user
   * @returns {boolean}
   */
  isEnabled(featureKey, user) {
    const core = this.#core;
    const config = core.configFor('isFeatureEnabled');
    const outcome = config && this.#decide(config, this.#flag(config, featureKey, user), user);
    if (!outcome) return false;
    core.sendImpression(config, outcome, user);
    const enabled = outcome.enabled === true; // and nothing else that the datafile may have there
    core.logger.info(enabled ? 'Feature %s is enabled for user %s.' : 'Feature %s is not enabled for user %s.', featureKey, user.id);
    if (this.#isHeard) this.#notify(DECISION_NOTIFICATION_TYPES.FEATURE, featureKey, outcome, user, { featureEnabled: enabled, sourceInfo: sourceInfo(outcome) });
    return enabled;
  }

  /** The keys of all flags, when the user's id is one. @param {string} userId */
  keysFor(userId) {
    return this.#core.configUnless('getEnabledFeatures', inputsError(userId, {}))?.project.flagKeys ?? [];
  }

  /**
   * The value of a flag's variable for a user.
   * @param {string} call
   * @param {string | undefined} wanted the type that the call is for; undefined for any
   * @param {string} featureKey
   * @param {string} variableKey
   * @param {User} user
   * @returns {any} null when there is no such variable, or none of that type, or its value is not of its type
   */
  variable(call, wanted, featureKey, variableKey, user) {
    const problem = isKey(variableKey) ? undefined : inputsError(user.id, { feature_key: featureKey, variable_key: variableKey }, user.attributes);
    const config = this.#core.configUnless(call, problem);
    const flag = config && this.#flag(config, featureKey, user);
    if (!config || !flag || !this.#hasVariable(config, flag, variableKey, wanted, user)) return null;
    const outcome = this.#decide(config, flag, user);
    const variable = outcome && variableOf(outcome, variableKey);
    if (!outcome || !variable) return null;
    const variableValue = valueOf(variable);
    if (this.#isHeard) {
      const told = { variableKey, variableValue, variableType: variable.type, sourceInfo: testInfo(outcome) };
      this.#notify(DECISION_NOTIFICATION_TYPES.FEATURE_VARIABLE, featureKey, outcome, user, told);
    }
    return variableValue;
  }

  /**
   * The values of all of a flag's variables for a user.
   * @param {string} featureKey
   * @param {User} user
   * @returns {Record<string, any> | null}
   */
  allVariables(featureKey, user) {
    const config = this.#core.configFor('getAllFeatureVariables');
    const outcome = config && this.#decide(config, this.#flag(config, featureKey, user), user);
    if (!outcome) return null;
    const variableValues = valuesOf(outcome);
    if (this.#isHeard) {
      this.#notify(DECISION_NOTIFICATION_TYPES.ALL_FEATURE_VARIABLES, featureKey, outcome, user, { variableValues, sourceInfo: testInfo(outcome) });
    }
    return variableValues;
  }

  // What happens seldom stands apart: a function with a closure in it makes room for what the closure needs each time it is called.

  get #isHeard() {
    return this.#core.notificationCenter.isHeard;
  }

  /**
   * @param {string} type
   * @param {string} featureKey
   * @param {Outcome} outcome
   * @param {User} user
   * @param {Record<string, unknown>} more
   */
  #notify(type, featureKey, { enabled, source }, { id, attributes }, more) {
    this.#core.notifyDecision(type, id, attributes, () => ({ featureKey, featureEnabled: enabled, source, ...more }));
  }

  /**
   * The flag with a key, when what was passed is of the right form as far as the engine does not look itself: see decisionError.
   * @param {ProjectConfig} config
   * @param {string} key
   * @param {User} user
   */
  #flag({ project }, key, { id, attributes }) {
    const problem = decisionError(id, 'feature_key', key, attributes);
    if (problem) return this.#core.reporter.report(problem);
    const flag = project.flag(key);
    if (!flag && this.#core.areWhole(attributes)) this.#core.logger.error('Feature key %s is not in datafile.', key);
    return flag;
  }

  /**
   * Whether a flag has a variable, of the wanted type if there is one.
   * @param {ProjectConfig} config
   * @param {Flag} flag
   * @param {string} key
   * @param {string | undefined} wanted
   * @param {User} user
   */
  #hasVariable({ project }, flag, key, wanted, { attributes }) {
    const type = project.variableType(flag, key);
    const has = type !== undefined && (wanted ?? type) === type;
    if (!has && this.#core.areWhole(attributes)) this.#miss(flag, key, type, wanted);
    return has;
  }

  /** @param {Flag} flag @param {string} key @param {string | undefined} type @param {string | undefined} wanted */
  #miss(flag, key, type, wanted) {
    const { logger } = this.#core;
    if (type === undefined) logger.error('Variable with key "%s" associated with feature with key "%s" is not in datafile.', key, flag.key);
    else logger.warn('Requested variable type "%s", but variable is of type "%s". Use correct API to retrieve value. Returning None.', wanted, type);
  }

  /**
   * Decides with all that is remembered of the user.
   * @param {ProjectConfig} config
   * @param {Flag | undefined | void} flag
   * @param {User} user
   */
  #decide(config, flag, user) {
    if (!flag) return undefined;
    const known = this.#core.known(user);
    const { outcome } = config.project.decide(flag, known);
    this.#core.save(config, known);
    return outcome;
  }
}

/** What notifications tell of the rule behind a decision. @param {Outcome} outcome */
function sourceInfo({ source, ruleKey, variationKey }) {
  return source === 'rollout' ? {} : { experimentKey: ruleKey, variationKey };
}

/** The same where only experiments are told. @param {Outcome} outcome */
function testInfo({ source, ruleKey, variationKey }) {
  return source === 'feature-test' && ruleKey !== null && variationKey !== null ? { experimentKey: ruleKey, variationKey } : {};
}
