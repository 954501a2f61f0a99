import { compare } from './compare.js';
import { minimise } from './minimise.js';
import { play } from './play.js';
import { makeScenario } from './scenario.js';

/**
 * @typedef {import('./scenario.js').Scenario} Scenario
 * @typedef {import('./compare.js').Difference & {seed: number}} Difference
 * @typedef {{compared: Record<string, number>, differences: Difference[]}} Outcome
 */

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
    const { compared, differences } = await compareOne(official, ours, makeScenario(seed));
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
 * The smallest scenario with a difference in the same area.
 * @param {any} official
 * @param {any} ours
 * @param {Difference} difference
 * @returns {Promise<{scenario: Scenario, difference: Difference}>}
 */
export async function smallest(official, ours, { area, seed, index }) {
  const found = async (/** @type {Scenario} */ scenario) => {
    try {
      return (await compareOne(official, ours, scenario)).differences.find((difference) => difference.area === area);
    } catch {
      return undefined; // too much was taken away: there is nothing to play
    }
  };
  const whole = makeScenario(seed);
  const calls = whole.calls.slice(0, index); // more than were made before the difference, since the users were made first
  const start = (await found({ ...whole, calls })) ? { ...whole, calls } : whole;
  const scenario = await minimise(start, async (smaller) => (await found(smaller)) !== undefined);
  return { scenario, difference: { .../** @type {Difference} */ (await found(scenario)), seed } };
}
