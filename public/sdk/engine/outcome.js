import { copyOf, nestedIn } from './copy.js';
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
  const values = Object.fromEntries(facts.variables.map((variable) => [variable.key, valueOf(variable)]));
  return {
    // What every decision takes comes first, so that it stands together.
    values,
    nested: nestedIn(values),
    ...facts,
    flag, rule, variation, answer,
    source: Source[answer & 3],
    /** An impression of it, once there was one. @type {import('./event_maker.js').Blank | undefined} */
    blank: undefined,
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
 * The values of the variables, in an object of the caller's own.
 * @param {Outcome} outcome
 * @returns {Record<string, any>}
 */
export function valuesOf({ values, nested }) {
  return copyOf(values, nested);
}
