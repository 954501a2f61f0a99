import { Source } from './sources.js';

/**
 * @typedef {object} Variable
 * @property {string} key
 * @property {string} type boolean, integer, double, string or json; any other is as good as string
 * @property {string} value its text
 *
 * @typedef {{ruleKey: string | null, ruleId: string | null, variationKey: string | null, variationId: string | null, enabled: any,
 *   variables: Variable[]}} Facts enabled: nearly always a boolean, else what the datafile has in its place
 *
 * @typedef {ReturnType<typeof toOutcome>} Outcome
 */

/**
 * What never changes about a decision: who decided what for a flag, and the variables that come of it.
 * @param {number} flag index
 * @param {number} rule index, or NONE
 * @param {number} variation index, or NONE
 * @param {number} answer of decide
 * @param {Facts} facts
 */
export function toOutcome(flag, rule, variation, answer, facts) {
  return {
    flag, rule, variation, answer,
    source: Source[answer & 3],
    ...facts,
    /** The variables' values, in an object of the caller's own. @type {() => Record<string, unknown>} */
    values: copierOf(Object.fromEntries(facts.variables.map((variable) => [variable.key, valueOf(variable)]))),
    /** Whom an impression would tell the same of, once there was one. @type {import('./event.js').Visitor | undefined} */
    nobody: undefined,
  };
}

/**
 * The last variable with a key, and undefined when the flag has none.
 * @param {Outcome} outcome
 * @param {string} key
 */
export function variableOf({ variables }, key) {
  for (let i = variables.length; i-- > 0;) if (variables[i].key === key) return variables[i];
  return undefined;
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

/**
 * Makes copies of what JSON.parse made, and of what there is within, which is looked for once.
 * @param {object} value
 * @returns {() => any}
 */
function copierOf(value) {
  const copyAlone = shallowCopierOf(value);
  const nested = Object.entries(value).filter(([, member]) => typeof member === 'object' && member !== null).map(([key, member]) => ({ key, copyMember: copierOf(member) }));
  if (nested.length === 0) return copyAlone;
  return () => {
    const copy = copyAlone();
    for (const { key, copyMember } of nested) copy[key] = copyMember(); // which has them all, even one that is named __proto__
    return copy;
  };
}

/** @param {object} value @returns {() => any} */
function shallowCopierOf(value) {
  if (Array.isArray(value)) return () => value.slice();
  if (Object.hasOwn(value, '__proto__')) return () => ({ ...value }); // which assigning would take for the prototype
  const members = Object.fromEntries(Object.entries(value)); // copies of which are quicker than of what JSON.parse made
  return () => Object.assign({}, members);
}
