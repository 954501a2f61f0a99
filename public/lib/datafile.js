/** A datafile (version 2 to 4) as the pages read it: to tell about it in words. What decides is the engine, never this. */

/**
 * @typedef {object} Datafile
 * @property {string} [revision]
 * @property {Rule[]} [experiments]
 * @property {Group[]} [groups]
 * @property {Flag[]} [featureFlags]
 * @property {{id: string, experiments?: Rule[]}[]} [rollouts]
 * @property {{id: string, key: string, experimentIds?: string[]}[]} [events]
 * @property {{id: string, key: string}[]} [attributes]
 * @property {Audience[]} [audiences]
 * @property {Audience[]} [typedAudiences] stand for untyped ones of the same id, as in the engine
 */

/**
 * An experiment, or one rule of a flag's rollout.
 * @typedef {object} Rule
 * @property {string} id
 * @property {string} key
 * @property {string} [layerId]
 * @property {string} [status]
 * @property {Variation[]} [variations]
 * @property {{entityId: string, endOfRange: number}[]} [trafficAllocation]
 * @property {string[]} [audienceIds]
 * @property {unknown} [audienceConditions]
 * @property {Record<string, string>} [forcedVariations] variation keys by visitor
 */

/**
 * @typedef {{id: string, key: string, featureEnabled?: boolean, variables?: {id: string, value: string}[]}} Variation
 * @typedef {{id: string, name?: string, conditions?: unknown}} Audience
 * @typedef {{id: string, key: string, type?: string, defaultValue?: string}} Variable
 * @typedef {{id: string, key: string, rolloutId?: string, experimentIds?: string[], variables?: Variable[]}} Flag
 * @typedef {{id: string, policy?: string, experiments?: Rule[], trafficAllocation?: Rule['trafficAllocation']}} Group
 */

/** Into so many buckets visitors are sorted; an `endOfRange` is one of them. */
export const BUCKETS = 10_000;

/**
 * @param {string} text one that the engine took
 * @returns {Datafile} what is null in it is missing here, and ids are texts
 */
export function parseDatafile(text) {
  return JSON.parse(text, (key, value) => withTextIds(key, value) ?? undefined);
}

/**
 * The same with its nulls, which conditions may compare with.
 * @param {string} text
 * @returns {any}
 */
export function parseWithNulls(text) {
  return JSON.parse(text, withTextIds);
}

/** Ids that are numbers are texts to the engine. @param {string} key @param {any} value @returns {any} */
function withTextIds(key, value) {
  const isId = /^id$|Ids?$/.test(key);
  if (isId && typeof value === 'number') return String(value);
  return isId && Array.isArray(value) ? value.map(String) : value;
}

/**
 * @param {Datafile} datafile where a list may be null too, as parseWithNulls gives it
 * @returns {Rule[]} the experiments, those in groups included
 */
export function experimentsOf({ experiments, groups }) {
  return [...(experiments ?? []), ...(groups ?? []).flatMap((group) => group.experiments ?? [])];
}

/**
 * @param {Datafile} datafile
 * @param {string} key
 * @returns {Rule | undefined}
 */
export function experimentByKey(datafile, key) {
  return experimentsOf(datafile).find((experiment) => experiment.key === key);
}

/**
 * @param {Pick<Rule, 'trafficAllocation'>} rule
 * @param {readonly {id: string}[]} entities
 * @returns {number[]} how many buckets each of the entities gets, and last how many reach none of them
 */
export function bucketsOf({ trafficAllocation = [] }, entities) {
  const buckets = new Map(entities.map(({ id }) => [id, 0]));
  let start = 0;
  for (const { entityId, endOfRange } of trafficAllocation) {
    const end = Math.min(endOfRange ?? 0, BUCKETS);
    if (end <= start) continue; // an earlier range has it all
    const before = buckets.get(entityId);
    if (before !== undefined) buckets.set(entityId, before + end - start);
    start = end;
  }
  const parts = [...buckets.values()];
  return [...parts, BUCKETS - parts.reduce((sum, part) => sum + part, 0)];
}

/**
 * @typedef {{rule: any, kind: 'experiment' | 'delivery' | 'holdout', group?: any, rollout?: string}} NumberedRule
 *
 * The rules in the order the engine numbers them: experiments, those of groups, those of rollouts, holdouts, local ones.
 * @param {any} datafile as parseWithNulls gives it
 * @returns {NumberedRule[]}
 */
export function rulesByIndexOf({ experiments, groups, rollouts, holdouts, localHoldouts }) {
  const local = (localHoldouts ?? []).filter((/** @type {any} */ { includedRules }) => Array.isArray(includedRules) && includedRules.length > 0);
  return [
    ...(experiments ?? []).map((/** @type {any} */ rule) => ({ rule, kind: 'experiment' })),
    ...(groups ?? []).flatMap((/** @type {any} */ group) => (group.experiments ?? []).map((/** @type {any} */ rule) => ({ rule, kind: 'experiment', group }))),
    ...(rollouts ?? []).flatMap((/** @type {any} */ { id, experiments: rules }) => (rules ?? []).map((/** @type {any} */ rule) => ({ rule, kind: 'delivery', rollout: id }))),
    ...[...(holdouts ?? []), ...local].map((rule) => ({ rule, kind: 'holdout' })),
  ];
}

/**
 * @param {any} datafile as parseWithNulls gives it
 * @returns {Map<string, {id: string, key: string}>} the variations of all rules; of those with one id the last
 */
export function variationsByIdOf(datafile) {
  return new Map(rulesByIndexOf(datafile).flatMap(({ rule }) => (rule.variations ?? []).map((/** @type {any} */ variation) => [variation.id, variation])));
}
