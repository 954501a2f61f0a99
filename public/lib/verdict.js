/** An experiment's state in a few words: who is ahead, by how much, and whether it is safe to stop. */

import { isolated } from './bidi.js';
import { formatChange, formatCount, formatInterval, formatRemaining, formatSignificance } from './figures.js';
import { orderedIds, strayOf } from './results.js';

/** @typedef {import('./results.js').Experiment} Experiment */
/** @typedef {import('./results.js').Metric} Metric */
/** @typedef {import('./results.js').Outcome} Outcome */
/** @typedef {import('./results.js').Status} Status */

/**
 * @typedef {object} Verdict
 * @property {'waiting' | 'broken' | 'collecting' | 'winner' | 'loser' | 'inconclusive'} kind
 * @property {string} title
 * @property {string} detail
 */

/** What an arm must have before anything is called; the relay's rule. */
const BURN_IN = { visitors: 100, converters: 25 };

/** A sign and a word for each status: colour alone tells nobody. */
export const STATUS = /** @type {Record<Status, {sign: string, word: string}>} */ ({
  baseline: { sign: '', word: 'Baseline' },
  collecting: { sign: '…', word: 'Collecting' },
  winner: { sign: '▲', word: 'Winner' },
  loser: { sign: '▼', word: 'Loser' },
  inconclusive: { sign: '–', word: 'Inconclusive' },
  removed: { sign: '', word: 'Removed' },
});

/**
 * @param {Experiment} experiment
 * @returns {Verdict}
 */
export function verdictOf(experiment) {
  const primary = experiment.metrics[0];
  if (primary && Object.keys(primary.results).length === 0) {
    return { kind: 'waiting', title: 'No variations', detail: 'An experiment without variations has no visitors.' };
  }
  if (!primary || experiment.reach.total_count === 0) {
    return { kind: 'waiting', title: 'No visitors yet', detail: 'The figures appear within a second of the first visitor.' };
  }
  if (!experiment.x_trustworthy) return broken(experiment);
  const compared = orderedIds(experiment, primary).map((id) => primary.results[id]).filter(({ lift }) => lift);
  if (compared.length === 0) return alone(primary);
  const { winner } = primary.conclusion;
  if (winner !== null) return won(experiment, primary, primary.results[winner]);
  const among = (/** @type {Status} */ status) => compared.filter(({ x_status: its }) => its === status);
  if (among('loser').length === compared.length) return lost(experiment, primary, compared);
  if (among('collecting').length === compared.length) return collecting(primary);
  return undecided(primary, among('inconclusive'), among('collecting'));
}

/** @param {Experiment} experiment @returns {Verdict} */
function broken({ x_health: { srm }, reach }) {
  const parts = Object.keys(srm.expected).map((id) => (
    `${isolated(reach.variations[id]?.name ?? id)} ${formatCount(srm.observed[id])} instead of about ${formatCount(srm.expected[id])}`));
  return {
    kind: 'broken',
    title: 'Not trustworthy: visitors are not split as they should be',
    detail: `${parts.join(', ')}. Something loses or adds visitors of a variation; find it before you believe any figure here.`,
  };
}

/** @param {Metric} primary @returns {Verdict} */
function alone(primary) {
  return { kind: 'waiting', title: 'Nothing to compare with', detail: `${baselineOf(primary)} is the only variation: it takes a second one to tell a difference.` };
}

/** @param {Experiment} experiment @param {Metric} primary @param {Outcome} best @returns {Verdict} */
function won(experiment, primary, best) {
  const lift = /** @type {import('./results.js').Lift} */ (best.lift);
  const stray = strayOf(lift);
  return {
    kind: 'winner',
    title: `${isolated(best.name)} wins: ${formatChange(lift.value)} against ${baselineOf(primary)}`,
    detail: `Between ${formatInterval(lift.confidence_interval).replace(' to ', ' and ')}, at ${formatSignificance(lift.significance)} `
      + `significance, where ${wanted(experiment)} was wanted. It is safe to stop.`
      + `${stray && ` What is observed now lies ${stray} what all looks together leave possible: chance, or a difference that changes.`}`,
  };
}

/** @param {Experiment} experiment @param {Metric} primary @param {Outcome[]} losers @returns {Verdict} */
function lost(experiment, primary, losers) {
  const told = losers.map(({ name, lift }) => `${isolated(name)} ${formatChange(lift?.value ?? null)}`).join(', ');
  return {
    kind: 'loser',
    title: `${baselineOf(primary)} is better: ${told}`,
    detail: `More than chance at a confidence of ${wanted(experiment)}. It is safe to stop.`,
  };
}

/** @param {Metric} primary @returns {Verdict} */
function collecting(primary) {
  const short = Object.values(primary.results)
    .filter(({ x_status: status, samples, x_converters: n }) => status !== 'removed' && (samples < BURN_IN.visitors || n < BURN_IN.converters))
    .map(({ name, samples, x_converters: n }) => `${isolated(name)} ${formatCount(samples)} and ${formatCount(n)}`);
  return {
    kind: 'collecting',
    title: 'Collecting',
    detail: `Nothing is called before each variation has ${BURN_IN.visitors} visitors and ${BURN_IN.converters} who converted`
      + `${short.length > 0 ? `; so far ${short.join(', ')}` : ''}.`,
  };
}

/** @param {Metric} primary @param {Outcome[]} open @param {Outcome[]} young @returns {Verdict} */
function undecided(primary, open, young) {
  const needs = open.map(({ lift }) => lift?.visitors_remaining ?? null).filter((n) => n !== null);
  const wait = needs.length > 0
    ? `${formatRemaining(Math.min(...needs))} more visitors if the observed rates hold.`
    : 'The variations look alike: nobody can tell how many visitors it would take.';
  return {
    kind: 'inconclusive',
    title: 'No difference beyond chance yet',
    detail: `${wait}${young.length > 0 ? ` ${young.map(({ name }) => isolated(name)).join(', ')}: still collecting.` : ''} You may look as often as you like.`,
  };
}

/** @param {Experiment} experiment */
function wanted({ confidence_threshold: threshold }) {
  return `${Math.round(threshold * 100)}%`;
}

/** @param {Metric} metric */
function baselineOf(metric) {
  return isolated(Object.values(metric.results).find(({ is_baseline: is }) => is)?.name ?? 'the baseline');
}
