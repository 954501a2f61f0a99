import { Source } from './sources.js';

/**
 * @typedef {object} Variable
 * @property {string} key
 * @property {string} type boolean, integer, double, string or json; any other is as good as string
 * @property {any} value of a json variable its text
 */

/** What never changes about a decision: who decided what for a flag, and the variables that come of it. */
export class Outcome {
  /** @type {Record<string, unknown>} */
  #shape = {};
  /** @type {Variable[]} */
  #json;

  /**
   * @param {number} flag index
   * @param {number} rule index, or NONE
   * @param {number} variation index, or NONE
   * @param {number} source index
   * @param {{ruleKey: string | null, ruleId: string | null, variationKey: string | null, variationId: string | null,
   *   enabled: boolean, variables: Variable[]}} facts
   */
  constructor(flag, rule, variation, source, { ruleKey, ruleId, variationKey, variationId, enabled, variables }) {
    this.flag = flag;
    this.rule = rule;
    this.variation = variation;
    this.sourceIndex = source;
    this.source = Source[source];
    this.ruleKey = ruleKey;
    this.ruleId = ruleId;
    this.variationKey = variationKey;
    this.variationId = variationId;
    this.enabled = enabled;
    this.variables = variables;
    this.#json = variables.filter((variable) => variable.type === 'json' && variable === this.variable(variable.key));
    for (const { key, type, value } of variables) define(this.#shape, key, type === 'json' ? null : value);
    Object.freeze(this.#shape);
  }

  /** The variables' values, in an object of the caller's own. */
  values() {
    const values = { ...this.#shape };
    for (const variable of this.#json) define(values, variable.key, valueOf(variable));
    return values;
  }

  /**
   * The last variable with a key, and undefined when the flag has none.
   * @param {string} key
   */
  variable(key) {
    return this.variables.findLast((variable) => variable.key === key);
  }
}

/** A variable's value; of a json variable an object of the caller's own, null when its text is not JSON. @param {Variable} variable */
export function valueOf({ type, value }) {
  if (type !== 'json') return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

/** Sets a member whatever its name is. @param {Record<string, unknown>} object @param {string} key @param {unknown} value */
function define(object, key, value) {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
