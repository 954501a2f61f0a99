/** What a simulation is to do, and what there is to learn from it. */

import { isolated } from './bidi.js';
import { formatCount, formatP } from './figures.js';
import { orderedIds } from './results.js';

/**
 * @typedef {object} Plan
 * @property {number} visitors
 * @property {Record<string, number>} rates true conversion rates by variation key, 0 to 1
 * @property {string | undefined} last key of the last variation: the order of the rates does not tell, a key such as 1 comes first in it
 * @property {number} loss which share of the last variation's exposures gets lost, 0 to 1
 */

/**
 * @typedef {object} Preset
 * @property {string} name
 * @property {string} words what to expect
 * @property {number} visitors
 * @property {number[]} rates of the variations in the datafile's order; the last one stands for all further
 * @property {number} loss
 */

/** @type {readonly Preset[]} */
export const PRESETS = [
  { name: 'A/A', visitors: 5000, rates: [0.1, 0.1], loss: 0, words: 'No difference: in at least nine of ten runs nothing is ever called.' },
  { name: '10% against 13%', visitors: 6000, rates: [0.1, 0.13], loss: 0, words: 'A real difference: mostly called after some 2,700 visitors, four times in five after 4,700.' },
  { name: 'Broken split', visitors: 4000, rates: [0.1, 0.1], loss: 0.2, words: 'A fifth of the last variation’s exposures is lost on the way: the health check raises the alarm.' },
  { name: 'Peeking trap', visitors: 20000, rates: [0.2, 0.2], loss: 0, words: 'No difference, and many looks: an ordinary z-test falls for chance in most runs, and calls a winner.' },
];

export const MIN_VISITORS = 10;
export const MAX_VISITORS = 100_000;

/** @param {Preset} preset @param {number} i of a variation */
export function rateOf({ rates }, i) {
  return rates[Math.min(i, rates.length - 1)];
}

/**
 * @param {{done: number, sorted: number}} visitors who came, and who of them got a variation
 * @param {string} experimentKey
 * @param {import('./attributes.js').Attributes} attributes that each of them had
 * @returns {string} one sentence, '' when the experiment left nobody out
 */
export function leftOut({ done, sorted }, experimentKey, attributes) {
  if (sorted === done) return '';
  if (sorted > 0) return `${formatCount(sorted)} of them got a variation, the others are left out by the experiment.`;
  const had = Object.entries(attributes).map(([name, value]) => `${name} ${value}`).join(', ');
  return `None of them got a variation: the sandbox’s ${isolated(experimentKey)} does not run, or leaves out visitors with ${had}.`;
}

/**
 * What an ordinary test would have made of the same figures, looked at all the time.
 * @param {import('./results.js').Experiment} experiment
 * @returns {string} one sentence, '' when there is nothing to compare yet
 */
export function peekOf(experiment) {
  const primary = experiment.metrics[0];
  if (!primary) return '';
  return orderedIds(experiment, primary).map((id) => primary.results[id]).flatMap(({ name, lift, x_status: status }) => {
    if (!lift || status === 'collecting') return [];
    const { naive_p_value: p, naive_called_at: at } = lift.x_current;
    const fooled = at === null ? `would not have called ${isolated(name)}` : `would have called ${isolated(name)} at ${formatCount(at)} visitors`;
    return [`An ordinary z-test, looked at all the time, ${fooled} (p ${formatP(p)} now); ours, which bears looking, says p ${formatP(lift.x_p_value)}.`];
  }).join(' ');
}

/**
 * Random numbers from a seed, the same on every machine (mulberry32).
 * @param {number} seed
 * @returns {() => number} from 0 to below 1
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
