import { Source } from './sources.js';

/**
 * @typedef {object} Variable
 * @property {string} key
 * @property {string} type boolean, integer, double, string or json; any other is as good as string
 * @property {string} value its text
 */

/** What never changes about a decision: who decided what for a flag, and the variables that come of it. */
export class Outcome {
  /** @type {() => Record<string, unknown>} */
  #copyValues;
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
    /** @type {Record<string, unknown>} */
    const values = {};
    for (const variable of variables) define(values, variable.key, valueOf(variable));
    this.#copyValues = copierOf(values);
  }

  /** The variables' values, in an object of the caller's own. */
  values() {
    return this.#copyValues();
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

/**
 * Makes copies of what JSON.parse made, and of what there is within, which is looked for once.
 * @template {object} T
 * @param {T} value
 * @returns {() => T}
 */
function copierOf(value) {
  const isAssigned = !Object.hasOwn(value, '__proto__'); // which assigning would take for the prototype
  const nested = Object.entries(value).filter(([, member]) => isObject(member)).map(([key, member]) => ({ key, copyMember: copierOf(member) }));
  return () => {
    /** @type {any} */
    const copy = Array.isArray(value) ? value.slice() : isAssigned ? Object.assign({}, value) : { ...value };
    for (const { key, copyMember } of nested) define(copy, key, copyMember());
    return copy;
  };
}

/** Sets a member whatever its name is. @param {Record<string, unknown>} object @param {string} key @param {unknown} value */
function define(object, key, value) {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
