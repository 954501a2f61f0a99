import { element } from '../../lib/dom.js';
import {
  formatAverage, formatChange, formatCount, formatInterval, formatP, formatRate, formatRemaining, formatSignificance, formatTotal, UNKNOWN,
} from '../../lib/figures.js';
import { orderedIds, strayOf, titleOf } from '../../lib/results.js';
import { STATUS } from '../../lib/verdict.js';

/** @typedef {import('../../lib/results.js').Experiment} Experiment */
/** @typedef {import('../../lib/results.js').Metric} Metric */
/** @typedef {import('../../lib/results.js').Outcome} Outcome */

/** @typedef {{title: string, text: (o: Outcome, m: Metric) => string, note?: (o: Outcome, m: Metric) => string, kind?: string}} Column */

const LIFTED = /** @type {Column[]} */ ([
  {
    title: 'Improvement',
    kind: 'improvement',
    text: ({ lift, x_status: status }) => (lift && status !== 'collecting' ? formatChange(lift.value) : UNKNOWN),
    note: ({ lift }) => (strayOf(lift) && `${strayOf(lift)} its interval`),
  },
  { title: 'Confidence interval', kind: 'interval', text: ({ lift }) => (lift ? formatInterval(lift.confidence_interval) : UNKNOWN) },
  {
    title: 'Statistical significance',
    kind: 'significance',
    text: ({ lift }) => (lift ? formatSignificance(lift.significance) : UNKNOWN),
    note: ({ lift }) => (lift ? `p ${formatP(lift.x_p_value)}${lift.x_resets > 0 ? `, began anew ${lift.x_resets}×` : ''}` : ''),
  },
  {
    title: 'Visitors remaining',
    kind: 'remaining',
    text: ({ lift }) => (lift ? formatRemaining(lift.visitors_remaining) : UNKNOWN),
  },
  { title: 'Status', kind: 'status', text: ({ x_status: status }) => STATUS[status].word },
]);

/** Columns of visitors who converted, and of numbers that add up. */
const COUNTED = /** @type {Column[]} */ ([
  { title: 'Visitors', text: (o) => formatCount(o.samples) },
  { title: 'Unique conversions', text: (o) => formatCount(o.value) },
  { title: 'Conversion rate', text: (o) => (o.samples === 0 ? UNKNOWN : formatRate(o.rate)), note: (o) => `${formatCount(o.value)} of ${formatCount(o.samples)}` },
]);
const SUMMED = /** @type {Column[]} */ ([
  { title: 'Visitors', text: (o) => formatCount(o.samples) },
  { title: 'Total', text: (o, m) => formatTotal(o.value, m) },
  { title: 'Per visitor', text: (o, m) => (o.samples === 0 ? UNKNOWN : formatAverage(o.rate, m)) },
]);

/**
 * One metric of an experiment: a row for each variation, the baseline first.
 *
 * The table's roles are spelled out, because on a phone its rows are laid out as cards, and a table that is not laid out as
 * one loses them in some browsers. Nobody wins in colour where the split of the visitors is broken: no figure is to be believed there.
 * @param {Experiment} experiment
 * @param {Metric} metric
 * @returns {HTMLElement}
 */
export function renderMetric(experiment, metric) {
  const columns = [...(metric.aggregator === 'unique' ? COUNTED : SUMMED), ...LIFTED];
  const outcomes = orderedIds(experiment, metric).map((id) => metric.results[id]);
  const scale = scaleOf(outcomes);
  const head = element('thead', '', row(['Variation', ...columns.map(({ title }) => title)].map((title) => header('col', title))));
  const body = element('tbody', '', ...outcomes.map((outcome) => row([
    nameOf(outcome), ...columns.map((column) => cell(column, outcome, metric, scale)),
  ])));
  const caption = element('caption', 'metric-caption', element('span', 'metric-title', titleOf(metric)), ' ', element('span', 'metric-tier', metric.x_tier));
  const table = element('table', 'metric-table', caption, head, body);
  table.role = 'table';
  table.classList.toggle('is-trustworthy', experiment.x_trustworthy);
  for (const group of [head, body]) group.role = 'rowgroup';
  return table;
}

/** @param {Outcome} outcome */
function nameOf({ name, x_status: status }) {
  const title = header('row', name);
  if (status === 'baseline' || status === 'removed') title.append(element('span', 'metric-note', STATUS[status].word.toLowerCase()));
  return title;
}

/**
 * @param {Column} column
 * @param {Outcome} outcome
 * @param {Metric} metric
 * @param {Scale | undefined} scale
 */
function cell({ title, text, note, kind }, outcome, metric, scale) {
  const made = element('td', 'metric-cell');
  made.role = 'cell';
  made.dataset.title = title;
  made.dataset.status = outcome.x_status;
  if (kind) made.dataset.kind = kind;
  const figure = element('span', 'metric-figure');
  const { sign } = STATUS[outcome.x_status];
  if (kind === 'status' && sign) figure.append(signOf(sign), ' ');
  figure.append(text(outcome, metric));
  made.append(figure);
  const small = note?.(outcome, metric);
  if (small) made.append(element('span', 'metric-note', small));
  if (kind === 'interval' && scale && outcome.lift) made.append(renderInterval(outcome, scale));
  return made;
}

/** @param {string} sign */
function signOf(sign) {
  const made = element('span', 'metric-sign', sign);
  made.ariaHidden = 'true';
  return made;
}

/** @typedef {{low: number, high: number}} Scale what the bars of a metric reach from and to */

/**
 * @param {Outcome[]} outcomes
 * @returns {Scale | undefined}
 */
function scaleOf(outcomes) {
  const ends = outcomes.flatMap(({ lift }) => [...lift?.confidence_interval ?? [], strayOf(lift) ? lift?.value : null])
    .filter((end) => typeof end === 'number');
  if (ends.length === 0) return undefined;
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const margin = (high - low) * 0.04 || 1;
  return { low: low - margin, high: high + margin };
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * The interval as a bar beside the line of no difference, with the observed improvement on it. It only repeats the text.
 * @param {Outcome} outcome
 * @param {Scale} scale
 */
function renderInterval({ lift }, scale) {
  const [low, high] = /** @type {import('../../lib/results.js').Lift} */ (lift).confidence_interval;
  const at = (/** @type {number} */ x) => 100 * (x - scale.low) / (scale.high - scale.low);
  const svg = shape('svg', { viewBox: '0 0 100 12', preserveAspectRatio: 'none', class: 'metric-interval', 'aria-hidden': 'true' });
  if (low !== null && high !== null) {
    svg.append(shape('rect', { class: 'metric-bar', x: at(low), y: 3, width: Math.max(0.5, at(high) - at(low)), height: 6 }));
  }
  svg.append(shape('line', { class: 'metric-zero', x1: at(0), x2: at(0), y1: 0, y2: 12 }));
  const value = lift?.value ?? null;
  if (value !== null && value >= scale.low && value <= scale.high) {
    svg.append(shape('line', { class: strayOf(lift) ? 'metric-observed metric-observed--stray' : 'metric-observed', x1: at(value), x2: at(value), y1: 1, y2: 11 }));
  }
  return svg;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** @param {HTMLElement[]} cells */
function row(cells) {
  const made = element('tr', 'metric-row', ...cells);
  made.role = 'row';
  return made;
}

/**
 * @param {'row' | 'col'} scope
 * @param {string} text
 */
function header(scope, text) {
  const made = element('th', '', text);
  made.scope = scope;
  made.role = scope === 'row' ? 'rowheader' : 'columnheader';
  return made;
}
