import { numbers, strings, things, versions } from './values.js';

/** @typedef {import('./random.js').Random} Random */

/** Attribute names by what their values mostly are. @type {Record<string, 'text' | 'number' | 'truth' | 'version'>} */
export const attributes = { country: 'text', plan: 'text', age: 'number', spent: 'number', member: 'truth', app: 'version', 'ünï key': 'text', '': 'text', $opt_user_agent: 'text' };

export const segments = ['seg-1', 'seg-2', '', 'ünï'];

const matches = {
  text: ['exact', 'substring', 'exists', undefined],
  number: ['exact', 'gt', 'ge', 'lt', 'le', 'exists', undefined],
  truth: ['exact', 'exists', undefined],
  version: ['semver_eq', 'semver_gt', 'semver_ge', 'semver_lt', 'semver_le', 'exact'],
};
const values = { text: strings, number: numbers, truth: [true, false], version: versions };
const oddMatches = ['', null, 'Exact', 'regex', 'qualified', 'gt', 'substring', 'semver_eq', 5];
const everyValue = [...strings, ...numbers, ...versions, ...things, true, false];

/**
 * A condition on one attribute or segment.
 * @param {Random} random
 */
function leaf(random) {
  if (random.chance(0.12)) return segmentLeaf(random);
  const name = random.mostly(Object.keys(attributes), ['nobody has it'], 0.05);
  const kind = Object.hasOwn(attributes, name) ? attributes[name] : 'text';
  const match = random.mostly(matches[kind], oddMatches);
  /** @type {Record<string, unknown>} */
  const condition = { name, type: random.mostly(['custom_attribute'], ['third_party_dimension', 'custom_dimension', undefined, null], 0.05) };
  if (match !== undefined) condition.match = match;
  if (!random.chance(0.03)) condition.value = random.mostly(/** @type {unknown[]} */ (values[kind]), everyValue);
  return condition;
}

/** @param {Random} random */
function segmentLeaf(random) {
  return {
    name: 'odp.audiences', type: random.mostly(['third_party_dimension'], ['custom_attribute'], 0.15),
    ...(random.chance(0.8) && { match: random.mostly(['qualified'], ['exact', null]) }),
    value: random.mostly(/** @type {unknown[]} */ (segments), ['unknown', 5, null]),
  };
}

/**
 * A tree over what `makeLeaf` makes, with an operator or without.
 * @param {Random} random
 * @param {() => unknown} makeLeaf
 * @param {number} depth
 * @returns {unknown}
 */
function tree(random, makeLeaf, depth) {
  if (depth === 0 || random.chance(0.3)) return makeLeaf();
  const operator = random.mostly(['and', 'or', 'not'], [undefined, 'AND', 'nor'], 0.06);
  const operands = random.list(operator === 'not' && random.chance(0.8) ? 1 : random.chance(0.05) ? 0 : 1, operator === 'not' ? 2 : 3, () => tree(random, makeLeaf, depth - 1));
  return operator === undefined ? operands : [operator, ...operands];
}

/**
 * The audiences of a datafile, older ones with their conditions as text.
 * @param {Random} random
 */
export function makeAudiences(random) {
  const ids = random.list(2, 6, (index) => String(501 + index));
  /** @type {Record<string, unknown>[]} */
  const audiences = [];
  /** @type {Record<string, unknown>[]} */
  const typedAudiences = [];
  for (const id of ids) {
    const name = random.mostly([`audience ${id}`], ['', 'with "quotes"', 'same name']);
    if (random.chance(0.4)) audiences.push({ id, name, conditions: JSON.stringify(textTree(random)) });
    if (random.chance(0.75)) typedAudiences.push({ id, name, conditions: tree(random, () => leaf(random), 3) });
  }
  if (random.chance(0.1)) audiences.push({ id: '$opt_dummy_audience', name: 'dummy', conditions: '["or",["or",["or",{"name":"x","type":"custom_attribute","value":"y"}]]]' });
  return { audiences, typedAudiences, ids: [...ids, ...(random.chance(0.1) ? ['$opt_dummy_audience'] : [])] };
}

/** Older conditions are lists, or the datafile is refused. @param {Random} random */
function textTree(random) {
  const conditions = tree(random, () => leaf(random), 2);
  return Array.isArray(conditions) ? conditions : [random.pick(['and', 'or']), conditions];
}

/**
 * What an experiment, delivery rule or holdout says of its audiences.
 * @param {Random} random
 * @param {string[]} ids
 * @returns {{audienceIds?: string[], audienceConditions?: unknown}}
 */
export function makeTargeting(random, ids) {
  const id = () => random.mostly(ids, ['unknown', '599'], 0.05);
  const audienceIds = random.chance(0.5) ? [] : random.list(1, 2, id);
  if (random.chance(0.55)) return { audienceIds };
  const audienceConditions = random.chance(0.8) ? tree(random, id, 2) : random.pick([[], null, '', [id()], [id(), id()], ['not'], ['or', []], [[]]]);
  return { audienceIds, audienceConditions };
}
