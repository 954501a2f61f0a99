import { compare } from './compare.js';
import { minimise } from './minimise.js';
import { play } from './play.js';
import { makeScenario } from './scenario.js';
import { everyExperiment } from './users.js';

/**
 * @typedef {import('./scenario.js').Scenario} Scenario
 * @typedef {import('./compare.js').Difference & {seed: number}} Difference
 * @typedef {{compared: Record<string, number>, differences: Difference[]}} Outcome
 */

/** What a scenario and its datafile consist of. Only whole experiments, flags, users or calls are taken out. */
const needed = new Set([
  'datafile', 'client', 'users', 'calls', 'on', 'method', 'args', 'processor', 'kind', 'stored', 'user_id', 'experiment_bucket_map', 'variation_id',
  'version', 'revision', 'accountId', 'projectId', 'experiments', 'groups', 'rollouts', 'featureFlags', 'audiences', 'typedAudiences', 'attributes', 'events',
  'id', 'key', 'name', 'type', 'value', 'conditions', 'status', 'layerId', 'variations', 'trafficAllocation', 'entityId', 'endOfRange', 'audienceIds',
  'forcedVariations', 'policy', 'rolloutId', 'experimentIds', 'variables', 'defaultValue', 'includedRules', 'flagKey', 'variationKey',
]);

/**
 * @param {any} official a module
 * @param {any} ours a module
 * @param {number} first seed
 * @param {number} count
 * @returns {Promise<Outcome>}
 */
export async function compareSeeds(official, ours, first, count) {
  /** @type {Outcome} */
  const outcome = { compared: {}, differences: [] };
  for (let seed = first; seed < first + count; seed++) {
    const scenario = makeScenario(seed);
    if (waitsForEver(scenario)) continue;
    const { compared, differences } = await compareOne(official, ours, scenario);
    for (const [area, answers] of Object.entries(compared)) outcome.compared[area] = (outcome.compared[area] ?? 0) + answers;
    outcome.differences.push(...differences.map((difference) => ({ ...difference, seed })));
  }
  return outcome;
}

/** @param {any} official @param {any} ours @param {Scenario} scenario */
export async function compareOne(official, ours, scenario) {
  return compare(await play(official, scenario), await play(ours, scenario));
}

/**
 * The smallest scenario with a difference in the same area, after a call of the same kind.
 * @param {any} official
 * @param {any} ours
 * @param {Difference} difference
 * @returns {Promise<{scenario: Scenario, difference: Difference}>}
 */
export async function smallest(official, ours, { area, call, seed, index }) {
  const found = async (/** @type {Scenario} */ scenario) => {
    if (deviates(scenario)) return undefined;
    try {
      return (await compareOne(official, ours, scenario)).differences.find((difference) => difference.area === area && methodOf(difference.call) === methodOf(call));
    } catch {
      return undefined; // too much was taken away: there is nothing to play
    }
  };
  const whole = makeScenario(seed);
  const calls = whole.calls.slice(0, index); // more than were made before the difference, since the users were made first
  const start = (await found({ ...whole, calls })) ? { ...whole, calls } : whole;
  const scenario = await minimise(start, async (smaller) => (await found(smaller)) !== undefined, needed);
  return { scenario, difference: { .../** @type {Difference} */ (await found(scenario)), seed } };
}

/**
 * Whether we answer otherwise on purpose: a flag lists an experiment that is not there. No scenario is made so, but less of one may be.
 * @param {Scenario} scenario
 */
function deviates({ datafile }) {
  if (typeof datafile === 'string' || !Array.isArray(datafile.experiments)) return false;
  const ids = new Set(everyExperiment(datafile).map(({ id }) => id));
  return datafile.featureFlags?.some((/** @type {any} */ { experimentIds }) => experimentIds.some((/** @type {string} */ id) => !ids.has(id)));
}

/**
 * Whether an official client would never be ready, as ours is on purpose (wasm/README.md).
 * @param {Scenario} scenario
 */
function waitsForEver({ datafile, client }) {
  return typeof datafile !== 'string' && datafile.revision === undefined && client.extra === 'odp';
}

/** @param {string} call as a step names it */
function methodOf(call) {
  return /(\w+)\(/.exec(call)?.[1];
}
