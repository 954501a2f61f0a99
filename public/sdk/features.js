import { valueOf } from './engine/index.js';
import { inputsError } from './lib/validate.js';
import { DECISION_NOTIFICATION_TYPES } from './notification_center.js';

/**
 * @typedef {import('./core.js').Core} Core
 * @typedef {import('./config/project_config.js').ProjectConfig} ProjectConfig
 * @typedef {import('./engine/index.js').Outcome} Outcome
 * @typedef {Record<string, any>} Attributes
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
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {boolean}
   */
  isEnabled(featureKey, userId, attributes) {
    const core = this.#core;
    const config = core.configUnless('isFeatureEnabled', inputsError(userId, { feature_key: featureKey }, attributes));
    const outcome = config && this.#decide(config, featureKey, userId, attributes);
    if (!outcome) return false;
    if (core.sends(config, outcome)) core.sendImpression(config, outcome, { id: userId, attributes });
    core.logger.info(`Feature %s is ${outcome.enabled ? '' : 'not '}enabled for user %s.`, featureKey, userId);
    core.notifyDecision(DECISION_NOTIFICATION_TYPES.FEATURE, userId, attributes, () => ({
      featureKey, featureEnabled: outcome.enabled, source: outcome.source, sourceInfo: sourceInfo(outcome),
    }));
    return outcome.enabled;
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
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {any} null when there is no such variable, or none of that type, or its value is not of its type
   */
  variable(call, wanted, featureKey, variableKey, userId, attributes) {
    const core = this.#core;
    const problem = inputsError(userId, { feature_key: featureKey, variable_key: variableKey }, attributes);
    const config = core.configUnless(call, problem);
    const outcome = config && this.#decide(config, featureKey, userId, attributes, variableKey, wanted);
    const variable = outcome?.variable(variableKey);
    if (!outcome || !variable) return null;
    const variableValue = valueOf(variable);
    core.notifyDecision(DECISION_NOTIFICATION_TYPES.FEATURE_VARIABLE, userId, attributes, () => ({
      featureKey, featureEnabled: outcome.enabled, source: outcome.source, variableKey, variableValue,
      variableType: variable.type, sourceInfo: testInfo(outcome),
    }));
    return variableValue;
  }

  /**
   * The values of all of a flag's variables for a user.
   * @param {string} featureKey
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {Record<string, any> | null}
   */
  allVariables(featureKey, userId, attributes) {
    const core = this.#core;
    const config = core.configUnless('getAllFeatureVariables', inputsError(userId, { feature_key: featureKey }, attributes));
    const outcome = config && this.#decide(config, featureKey, userId, attributes);
    if (!outcome) return null;
    const variableValues = outcome.values();
    core.notifyDecision(DECISION_NOTIFICATION_TYPES.ALL_FEATURE_VARIABLES, userId, attributes, () => ({
      featureKey, featureEnabled: outcome.enabled, source: outcome.source, variableValues, sourceInfo: testInfo(outcome),
    }));
    return variableValues;
  }

  /**
   * @param {ProjectConfig} config
   * @param {string} featureKey
   * @param {string} userId
   * @param {Attributes | undefined} attributes
   * @param {string} [variableKey] that must be there
   * @param {string} [wanted] its type
   * @returns {Outcome | undefined}
   */
  #decide(config, featureKey, userId, attributes, variableKey, wanted) {
    const { project } = config;
    const flag = project.flag(featureKey);
    if (!flag) {
      this.#core.logger.error('Feature key %s is not in datafile.', featureKey);
      return undefined;
    }
    if (variableKey !== undefined) {
      const type = project.variableType(flag, variableKey);
      if (type === undefined) {
        this.#core.logger.error('Variable with key "%s" associated with feature with key "%s" is not in datafile.', variableKey, featureKey);
        return undefined;
      }
      if (wanted !== undefined && wanted !== type) {
        this.#core.logger.warn('Requested variable type "%s", but variable is of type "%s". Use correct API to retrieve value. Returning None.', wanted, type);
        return undefined;
      }
    }
    return this.#core.decideFor(config, userId, attributes ?? undefined, (user) => project.decide(flag, user)).outcome;
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
