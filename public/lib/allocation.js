/** An experiment's traffic in whole per cents, which always sum to 100: as sliders show and move it. */

import { BUCKETS, bucketsOf } from './datafile.js';
import { patchJSON } from './fetch-json.js';
import { relayAddress } from '../sdk/relay/address.js';

/** @typedef {import('./datafile.js').Rule} Rule */

const WHOLE = 100;

/** The only project whose experiment may be changed from the page that its relay serves. */
const DEMO = 'demo';

/**
 * @param {{sdkKey: string, relayUrl: string} | undefined} config unknown counts as yes
 * @param {string} origin of the page
 * @returns {boolean} whether the relay serves the page, and lets it change the experiment
 */
export function isEditable(config, origin) {
  return !config || (config.sdkKey === DEMO && new URL(config.relayUrl || origin).origin === origin);
}

/**
 * Gives each variation another share of the visitors, for everyone. The datafile that says so comes to every page.
 * @param {{relayUrl: string, experimentKey: string}} config
 * @param {readonly {id: string}[]} variations
 * @param {readonly number[]} shares in per cent
 * @throws {Error} whose message says why not
 */
export async function saveAllocation({ relayUrl, experimentKey }, variations, shares) {
  await patchJSON(String(relayAddress(relayUrl, 'v1/demo/allocation')), { experimentKey, trafficAllocation: allocationOf(variations, shares) });
}

/**
 * @param {Rule} experiment
 * @returns {number[]} the share of each variation in order, and last of those left out
 */
export function sharesOf({ variations = [], trafficAllocation }) {
  return deal(WHOLE, bucketsOf({ trafficAllocation }, variations));
}

/**
 * Moves one share; the others give or take in proportion, and evenly when all of them are nothing.
 * @param {readonly number[]} shares
 * @param {number} index
 * @param {number} share 0 to 100
 * @returns {number[]}
 */
export function moveShare(shares, index, share) {
  const others = shares.filter((_, i) => i !== index);
  const moved = deal(WHOLE - share, others.some((other) => other > 0) ? others : others.map(() => 1));
  return moved.toSpliced(index, 0, share);
}

/**
 * @param {readonly {id: string}[]} variations
 * @param {readonly number[]} shares of the variations in order; what they leave reaches nobody
 * @returns {{entityId: string, endOfRange: number}[]} as a datafile has it
 */
export function allocationOf(variations, shares) {
  let end = 0;
  return variations.flatMap(({ id }, i) => {
    if (shares[i] === 0) return [];
    end += (shares[i] * BUCKETS) / WHOLE;
    return [{ entityId: id, endOfRange: end }];
  });
}

/**
 * Divides a whole number into whole parts as close to the weights as can be; the largest remainders get what is over.
 * @param {number} whole
 * @param {readonly number[]} weights at least one above 0
 * @returns {number[]}
 */
function deal(whole, weights) {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (whole * weight) / sum);
  const parts = exact.map(Math.floor);
  const over = whole - parts.reduce((all, part) => all + part, 0);
  const byRemainder = exact.map((part, i) => ({ i, remainder: part - Math.floor(part) })).sort((a, b) => b.remainder - a.remainder);
  for (const { i } of byRemainder.slice(0, over)) parts[i]++;
  return parts;
}
