/** The audiences of a rule as a tree to look at. What each part of it comes to is the engine's to say, never this module's. */

/**
 * @typedef {object} AudienceNode
 * @property {'and' | 'or' | 'not' | 'audience' | 'condition'} kind
 * @property {string} words of an audience its name, of a condition what it wants, such as 'age at least 18'
 * @property {string} actual of a condition what the visitor has instead, '' for the other kinds
 * @property {boolean | null} truth null when nobody can tell
 * @property {AudienceNode[]} parts
 */

/**
 * Who knows the truth: the engine, about the visitor it decided for last.
 * @typedef {object} Judge
 * @property {(conditions: unknown) => boolean | null} meets
 * @property {(audiences: unknown) => boolean | null} meetsAudiences
 */

const OPERATORS = new Set(['and', 'or', 'not']);

/** More of a tree than this nobody reads; the rest is left out. */
const MOST_NODES = 400;

const MATCHES = /** @type {Record<string, string>} */ ({
  exact: 'is', exists: 'is there', substring: 'contains', gt: 'above', ge: 'at least', lt: 'below', le: 'at most', qualified: 'is a segment of theirs',
  semver_eq: 'is version', semver_gt: 'is a version after', semver_ge: 'is at least version', semver_lt: 'is a version before', semver_le: 'is at most version',
});

/**
 * @param {any} datafile as parseWithNulls gives it
 * @param {any} rule of it
 * @param {Record<string, unknown>} attributes the visitor's
 * @param {Judge} judge
 * @returns {AudienceNode | undefined} undefined when the rule is for everyone
 */
export function audienceTreeOf(datafile, rule, attributes, judge) {
  const list = rule.audienceConditions || rule.audienceIds;
  if (!list || (Array.isArray(list) && list.length === 0)) return undefined;
  const tree = new Tree(datafile, attributes, judge);
  return tree.audiences(list);
}

class Tree {
  #audiences;
  #attributes;
  #judge;
  #left = MOST_NODES;

  /** @param {any} datafile @param {Record<string, unknown>} attributes @param {Judge} judge */
  constructor({ audiences, typedAudiences }, attributes, judge) {
    this.#audiences = new Map([...(audiences ?? []), ...(typedAudiences ?? [])].map((audience) => [String(audience.id), audience]));
    this.#attributes = attributes;
    this.#judge = judge;
  }

  /** @param {unknown} list ids, or a tree of them @returns {AudienceNode} */
  audiences(list) {
    const truth = this.#judge.meetsAudiences(list);
    if (Array.isArray(list)) return this.#group(list, truth, (part) => this.audiences(part));
    const audience = this.#audiences.get(String(list));
    if (!audience) return { kind: 'audience', words: `${list}, which the datafile does not have`, actual: '', truth, parts: [] };
    return { kind: 'audience', words: audience.name || String(list), actual: '', truth, parts: [this.#conditions(conditionsOf(audience))] };
  }

  /** @param {any} conditions @returns {AudienceNode} */
  #conditions(conditions) {
    const truth = this.#judge.meets(conditions ?? null);
    if (Array.isArray(conditions)) return this.#group(conditions, truth, (part) => this.#conditions(part));
    return { kind: 'condition', words: wordsOf(conditions), actual: actualOf(conditions, this.#attributes), truth, parts: [] };
  }

  /**
   * @param {any[]} list whose first element may be an operator; without one it is an or
   * @param {boolean | null} truth
   * @param {(part: unknown) => AudienceNode} read
   * @returns {AudienceNode}
   */
  #group(list, truth, read) {
    const named = OPERATORS.has(list[0]);
    const operands = named ? list.slice(1) : list;
    const parts = [];
    for (const operand of operands) {
      if (this.#left-- <= 0) break;
      parts.push(read(operand));
    }
    return { kind: named ? list[0] : 'or', words: '', actual: '', truth, parts };
  }
}

/** A legacy audience has its conditions as JSON within a text. @param {any} audience */
function conditionsOf({ conditions }) {
  return typeof conditions === 'string' ? JSON.parse(conditions) : conditions;
}

/** @param {any} condition */
function wordsOf(condition) {
  const { name, match, value, type } = condition ?? {};
  if (typeof name !== 'string') return `a condition this engine does not know: ${JSON.stringify(condition)}`;
  if (type === 'third_party_dimension') return `${JSON.stringify(value)} ${MATCHES.qualified}`;
  const known = match === undefined ? 'exact' : match;
  const words = Object.hasOwn(MATCHES, known) ? MATCHES[known] : `“${match}”, which no engine knows,`;
  return match === 'exists' ? `${name} ${words}` : `${name} ${words} ${JSON.stringify(value)}`;
}

/** @param {any} condition @param {Record<string, unknown>} attributes */
function actualOf(condition, attributes) {
  if (condition?.type === 'third_party_dimension') return 'segments are not known to this page';
  if (!Object.hasOwn(attributes, condition?.name)) return 'is not set';
  return `is ${JSON.stringify(attributes[condition.name])}`;
}
