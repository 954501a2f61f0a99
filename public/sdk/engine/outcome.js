import { Source } from './sources.js';

/**
 * @typedef {object} Variable
 * @property {string} key
 * @property {string} type boolean, integer, double, string or json; any other is as good as string
 * @property {string} value its text
 */

/** What never changes about a decision: who decided what for a flag, and the variables that come of it. */
export class Outcome {
  /** @type {Record<string, unknown>} */
  #shape = {};
  /** Keys of values that are objects, of which every caller gets their own. @type {string[]} */
  #nested;
  /** Whom an impression would tell the same of, once there was one. @type {import('./event.js').Visitor | undefined} */
  nobody;

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
    for (const variable of variables) define(this.#shape, variable.key, valueOf(variable));
    this.#nested = Object.keys(this.#shape).filter((key) => isObject(this.#shape[key]));
  }

  /** The variables' values, in an object of the caller's own. */
  values() {
    const values = { ...this.#shape }; // a third of what it takes of a frozen object
    for (const key of this.#nested) define(values, key, copyOf(this.#shape[key]));
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

/**
 * A variable's value, of a json variable an object of the caller's own; null when its text does not have its type.
 * @param {Variable} variable
 * @returns {any}
 */
export function valueOf({ type, value }) {
  switch (type) {
    case 'boolean':
      return value === 'true' || (value === 'false' ? false : null);
    case 'integer':
      return orNull(parseInt(value, 10));
    case 'double':
      return orNull(parseFloat(value));
    case 'json':
      try {
        return JSON.parse(value);
      } catch {
        return null;
      }
    default:
      return value;
  }
}

/** @param {number} n */
function orNull(n) {
  return Number.isNaN(n) ? null : n;
}

/** @param {unknown} value @returns {value is object} */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/** A copy of what JSON.parse made, which takes a fifth of parsing again. @param {unknown} value @returns {unknown} */
function copyOf(value) {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  /** @type {Record<string, any>} */
  const copy = { ...value };
  for (const key in copy) if (isObject(copy[key])) define(copy, key, copyOf(copy[key]));
  return copy;
}

/** Sets a member whatever its name is. @param {Record<string, unknown>} object @param {string} key @param {unknown} value */
function define(object, key, value) {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
