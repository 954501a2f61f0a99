import { counted } from '../../lib/counted.js';
import { element } from '../../lib/dom.js';
import { formatCount, formatP, formatRate } from '../../lib/figures.js';

/** @typedef {import('../../lib/results.js').Experiment} Experiment */
/** @typedef {import('../../lib/results.js').Health} Health */
/** @typedef {{state: 'ok' | 'note' | 'warning' | 'bad', words: string}} Check */

const SIGNS = { ok: '✓', note: 'i', warning: '!', bad: '✕' };

/** What is told only where it happened, each with the words for one and for several. */
const RARE = /** @type {const} */ ([
  ['late', 'event came an hour or more after it happened', 'events came an hour or more after they happened'],
  ['ahead', 'event is from the future: a clock is wrong', 'events are from the future: a clock is wrong'],
  ['amounts', 'revenue or value was no usable number; its conversion counts without it', 'revenues or values were no usable numbers; their conversions count without them'],
  ['strangers', 'exposure belongs to an experiment the project never had', 'exposures belong to experiments the project never had'],
]);

/** So many visitors weigh as much as what the relay's check supposes of the split; with fewer, even one of 65 to 35 passes. */
const ENOUGH_TO_JUDGE = 100;

/** Of some visitors' results: the relay counts the rest as it comes, whoever is asked for. @type {Check} */
const OF_ALL = { state: 'note', words: 'The split is that of these visitors, the counts are of all so far' };

/**
 * What one should know before one believes an experiment's figures.
 * @param {Experiment} experiment
 * @param {string} range from when or until when its figures are, '' when they are of all visitors
 * @returns {HTMLElement}
 */
export function renderHealth(experiment, range) {
  return element('ul', 'results-health', ...checksOf(experiment, range).map(({ state, words }) => {
    const sign = element('span', 'health-sign', SIGNS[state]);
    sign.ariaHidden = 'true';
    const item = element('li', 'health-check', sign, element('span', '', words));
    item.dataset.state = state;
    return item;
  }));
}

/**
 * @param {Experiment} experiment
 * @param {string} range
 * @returns {Check[]}
 */
export function checksOf({ x_health: health, reach }, range) {
  const crossed = health.crossovers >= 10 && health.crossovers > reach.total_count / 100;
  return [
    splitOf(health),
    repeatedOf(health),
    { state: crossed ? 'warning' : 'ok', words: `${counted(health.crossovers, 'visitor', 'visitors')} saw more than one variation` },
    { state: 'ok', words: `${counted(health.duplicates, 'event', 'events')} came twice and counted once` },
    { state: health.unattributed > 0 ? 'note' : 'ok', words: `${counted(health.unattributed, 'conversion', 'conversions')} of visitors who had seen no variation` },
    ...RARE.filter(([name]) => health[name] > 0)
      .map(([name, one, several]) => /** @type {Check} */ ({ state: 'warning', words: counted(health[name], one, several) })),
    ...(range ? [OF_ALL] : []),
  ];
}

/** @param {Health} health @returns {Check} */
function splitOf({ srm }) {
  const p = `p ${formatP(srm.p)}`;
  if (srm.status === 'mismatch') return { state: 'bad', words: `Sample ratio mismatch: the split is not what it should be (${p})` };
  if (srm.status === 'warning') return { state: 'warning', words: `The split looks odd: watch it (${p})` };
  const visitors = Object.values(srm.observed).reduce((sum, each) => sum + each, 0);
  if (visitors === 0) return { state: 'note', words: 'Nobody has come yet whose split could be watched' };
  if (visitors < ENOUGH_TO_JUDGE) return { state: 'note', words: 'Too early to tell whether visitors are split as they should be' };
  return { state: 'ok', words: 'Visitors are split as they should be' };
}

/** @param {Health} health @returns {Check} */
function repeatedOf({ decisions: { checked, mismatches } }) {
  if (checked === 0) return { state: 'note', words: 'No decision has come yet that the relay’s own engine could repeat' };
  if (mismatches === 0) return { state: 'ok', words: `${counted(checked, 'decision', 'decisions')} repeated by the relay’s own engine, all alike` };
  const words = `${formatCount(mismatches)} of ${counted(checked, 'decision', 'decisions')} (${formatRate(mismatches / checked)}) differ from the relay’s own`;
  return { state: 'warning', words };
}
