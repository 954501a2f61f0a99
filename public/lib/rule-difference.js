/** What changed in an experiment, or in one rule of a flag's rollout. */

import { compareLists, differs, nameOf, pair, short } from './change.js';
import { BUCKETS, bucketsOf } from './datafile.js';
import * as Rank from './rank.js';

/** @typedef {import('./change.js').Change} Change */
/** @typedef {import('./datafile.js').Rule} Rule */
/** @typedef {import('./datafile.js').Variation} Variation */

/**
 * What ids stand for, before and after.
 * @typedef {object} Names
 * @property {(id: string) => string} audience
 * @property {(id: string) => string} variable
 */

/**
 * @param {string} subject what the words begin with, such as "item-sort"
 * @param {Rule} before
 * @param {Rule} after
 * @param {Names} names
 * @returns {Change[]}
 */
export function compareRules(subject, before, after, names) {
  return [
    ...compareStatus(subject, before, after),
    ...compareTraffic(subject, before, after),
    ...compareVariations(subject, before, after, names),
    ...compareAudiencesOf(subject, before, after, names),
    ...compareWhitelists(subject, before, after),
    ...differs(before.layerId, after.layerId) ? [{ rank: Rank.DETAIL, text: `${subject} moved to another layer` }] : [],
  ];
}

/**
 * @param {string} subject
 * @param {Rule} before
 * @param {Rule} after
 * @returns {Change[]}
 */
function compareStatus(subject, { status: from = 'no status' }, { status: to = 'no status' }) {
  if (from === to) return [];
  return [{ rank: Rank.STATUS, text: `${subject} ${short(from).toLowerCase()} to ${short(to).toLowerCase()}` }];
}

/**
 * @param {string} subject
 * @param {Rule} before
 * @param {Rule} after
 * @returns {Change[]}
 */
function compareTraffic(subject, before, after) {
  const [from, to] = [traffic(before), traffic(after)];
  if (from !== to) return [{ rank: Rank.TRAFFIC, text: `${subject} traffic ${from} to ${to}` }];
  if (!differs(before.trafficAllocation, after.trafficAllocation)) return [];
  return [{ rank: Rank.TRAFFIC, text: `${subject} traffic dealt out anew in the same shares` }];
}

/**
 * Each variation's share in per cent, in the order of variations, such as "80/20"; what reaches none follows as
 * "40/40, 20 left out". A single variation has a share such as "20%".
 * @param {Pick<Rule, 'variations' | 'trafficAllocation'>} rule
 * @returns {string}
 */
export function traffic({ variations = [], trafficAllocation }) {
  const buckets = bucketsOf({ trafficAllocation }, variations);
  const rest = /** @type {number} */ (buckets.pop());
  if (buckets.length === 1) return `${percent(buckets[0])}%`;
  const written = buckets.map(percent).join('/') || 'none';
  return rest > 0 ? `${written}, ${percent(rest)} left out` : written;
}

/** To a bucket: what is rounded further tells of a change that it is none. @param {number} buckets */
function percent(buckets) {
  return String((buckets * 100) / BUCKETS);
}

/**
 * @param {string} subject
 * @param {Rule} before
 * @param {Rule} after
 * @param {Names} names
 * @returns {Change[]}
 */
function compareVariations(subject, before, after, names) {
  return compareLists(`${subject} variation`, Rank.VARIATION, before.variations, after.variations, (earlier, variation) => [
    ...compareSwitches(subject, earlier, variation),
    ...compareValues(`${subject} variation ${nameOf(variation)}`, earlier, variation, names),
  ]);
}

/**
 * @param {string} subject
 * @param {Variation} before
 * @param {Variation} after
 * @returns {Change[]}
 */
function compareSwitches(subject, before, after) {
  if ((before.featureEnabled ?? false) === (after.featureEnabled ?? false)) return [];
  return [{ rank: Rank.VARIATION, text: `${subject} variation ${nameOf(after)} turned ${after.featureEnabled ? 'on' : 'off'}` }];
}

/**
 * A variation names only the variables that differ from their flag's defaults.
 * @param {string} subject
 * @param {Variation} before
 * @param {Variation} after
 * @param {Names} names
 * @returns {Change[]}
 */
function compareValues(subject, before, after, names) {
  const { added, removed, kept } = pair(before.variables, after.variables);
  const tell = (/** @type {string} */ id, /** @type {string} */ words) => (
    { rank: Rank.VARIABLE, text: `${subject} variable ${names.variable(id)} ${words}` });
  return [
    ...kept.filter(([from, to]) => from.value !== to.value)
      .map(([from, to]) => tell(to.id, `"${short(from.value)}" to "${short(to.value)}"`)),
    ...added.map(({ id, value }) => tell(id, `set to "${short(value)}"`)),
    ...removed.map(({ id }) => tell(id, 'back to its default')),
  ];
}

/**
 * @param {string} subject
 * @param {Rule} before
 * @param {Rule} after
 * @param {Names} names
 * @returns {Change[]}
 */
function compareAudiencesOf(subject, before, after, names) {
  const [from, to] = [before, after].map((rule) => rule.audienceConditions ?? rule.audienceIds ?? []);
  if (!differs(from, to)) return [];
  const [earlier, now] = [new Set(audienceIdsIn(from)), new Set(audienceIdsIn(to))];
  const tell = (/** @type {string} */ words) => ({ rank: Rank.AUDIENCE_OF, text: `${subject} ${words}` });
  const lines = [
    ...[...now].filter((id) => !earlier.has(id)).map((id) => tell(`audience ${names.audience(id)} added`)),
    ...[...earlier].filter((id) => !now.has(id)).map((id) => tell(`audience ${names.audience(id)} removed`)),
  ];
  return lines.length > 0 ? lines : [tell('audiences combined anew')];
}

/**
 * @param {unknown} conditions a tree such as ["or", "11", ["not", "12"]]
 * @returns {string[]}
 */
function audienceIdsIn(conditions) {
  if (Array.isArray(conditions)) return conditions.flatMap(audienceIdsIn);
  return typeof conditions === 'string' && !['and', 'or', 'not'].includes(conditions) ? [conditions] : [];
}

/**
 * Counts only: visitors' ids are nobody's business.
 * @param {string} subject
 * @param {Rule} before
 * @param {Rule} after
 * @returns {Change[]}
 */
function compareWhitelists(subject, { forcedVariations: from = {} }, { forcedVariations: to = {} }) {
  const visitors = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const count = (/** @type {(visitor: string) => boolean} */ test) => visitors.filter(test).length;
  const [before, after] = [from, to].map((list) => (/** @type {string} */ visitor) => Object.hasOwn(list, visitor));
  const parts = /** @type {const} */ ([
    ['added', count((visitor) => !before(visitor))],
    ['removed', count((visitor) => !after(visitor))],
    ['moved', count((visitor) => before(visitor) && after(visitor) && from[visitor] !== to[visitor])],
  ]).filter(([, times]) => times > 0).map(([word, times]) => `${times} ${word}`);
  return parts.length > 0 ? [{ rank: Rank.WHITELIST, text: `${subject} whitelist: ${parts.join(', ')}` }] : [];
}
