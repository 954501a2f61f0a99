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
    flag, rule, variation, answer,
    source: Source[answer & 3],
    ...facts,
    /** Of the variables' values, see valuesOf. */
    copy: copierOf(values),
    values,
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
 * The values of the variables, in an object of the caller's own.
 * @param {Outcome} outcome
 * @returns {Record<string, any>}
 */
export function valuesOf({ values, copy }) {
  return copy ? copy() : Object.assign({}, values);
}

/**
 * What makes copies of what JSON.parse made, and of what there is within, which is looked for once; undefined where Object.assign does.
 * @param {object} value
 * @returns {(() => any) | undefined}
 */
function copierOf(value) {
  // Object.assign makes no lists, and takes a member of this name for the prototype.
  const copyAlone = Array.isArray(value) ? () => value.slice() : Object.hasOwn(value, '__proto__') ? () => ({ ...value }) : undefined;
  const within = Object.entries(value).filter(([, member]) => member !== null && typeof member === 'object').map(([key, member]) => (
    { key, copyMember: copierOf(member) ?? assignerOf(member) }
  ));
  if (within.length === 0) return copyAlone;
  /** @type {() => any} */
  const copyOutside = copyAlone ?? assignerOf(value);
  const [{ key, copyMember }, ...others] = within;
  return () => {
    const copy = copyOutside();
    copy[key] = copyMember(); // which is there already, even if it is named __proto__; mostly it is the only one, and so is quicker
    for (const other of others) copy[other.key] = other.copyMember();
    return copy;
  };
}

/** @param {object} value */
function assignerOf(value) {
  const values = Object.fromEntries(Object.entries(value)); // copies of which are quicker than of what JSON.parse made
  return () => Object.assign({}, values);
}
