/** How a metric of an experiment went, as the lines of a chart and as a table. */

import { isolated } from './bidi.js';
import { formatAverage, formatChange, formatCount, formatInterval, formatRate, formatRoughChange, formatSignificance, UNKNOWN } from './figures.js';
import { orderedIds } from './results.js';

/** @typedef {import('./results.js').Experiment} Experiment */
/** @typedef {import('./results.js').Metric} Metric */
/** @typedef {import('./results.js').Outcome} Outcome */
/** @typedef {import('./results.js').Point} Point */

/** @typedef {'improvement' | 'rate' | 'significance'} View */

/**
 * @typedef {object} Line
 * @property {string} name of the variation
 * @property {(number | null)[]} values
 * @property {(number | null)[]} [low] of the interval around them
 * @property {(number | null)[]} [high]
 */

/**
 * @typedef {object} Course
 * @property {number[]} times seconds since 1970, strictly ascending
 * @property {Line[]} lines
 * @property {{at: number, words: string}[]} marks where something changed
 * @property {(value: number) => string} format
 * @property {(value: number) => string} rough the same where space is short
 * @property {[number, number]} range of values worth showing
 */

const MINUTE = 60, DAY = 24 * 60 * MINUTE;
const [second, minute, day, date, year] = [{ timeStyle: 'medium' }, { timeStyle: 'short' }, { month: 'short', day: 'numeric' }, { dateStyle: 'medium' }, { year: 'numeric' }]
  .map((options) => new Intl.DateTimeFormat('en-US', /** @type {Intl.DateTimeFormatOptions} */ (options)));

/**
 * @param {number[]} times seconds since 1970, ascending
 * @param {number} step between them
 * @returns {string[]} a time of day or a day each, and in a second line the day and the year where they begin
 */
export function timeLabels(times, step) {
  const fine = step >= DAY ? day : step < MINUTE ? second : minute;
  return times.map((at, i) => {
    const begins = (/** @type {Intl.DateTimeFormat} */ part) => i === 0 || part.format(at * 1000) !== part.format(times[i - 1] * 1000);
    const rough = begins(year) ? (step >= DAY ? year : date) : begins(day) && step < DAY ? day : undefined;
    return fine.format(at * 1000) + (rough ? `\n${rough.format(at * 1000)}` : '');
  });
}

/**
 * @param {Experiment} experiment
 * @param {Metric} metric
 * @param {View} view
 * @returns {Course}
 */
export function courseOf(experiment, metric, view) {
  const outcomes = orderedIds(experiment, metric).map((id) => metric.results[id])
    .filter(({ timeseries, lift }) => timeseries && (view === 'rate' || lift));
  const points = outcomes[0]?.timeseries ?? [];
  const lines = outcomes.map((outcome) => lineOf(outcome, view));
  if (view === 'significance') lines.push(...outcomes.map(naiveLineOf));
  const format = formatOf(metric, view);
  return {
    times: ascending(points.map(({ time }) => Date.parse(time) / 1000)),
    lines,
    marks: [...epochMarks(experiment, points), ...resetMarks(outcomes)],
    format,
    rough: view === 'improvement' ? formatRoughChange : format,
    range: view === 'significance' ? [0, 1] : rangeOf(lines, view),
  };
}

/** @param {Metric} metric @param {View} view @returns {(value: number) => string} */
function formatOf(metric, view) {
  if (view === 'improvement') return formatChange;
  return view === 'significance' || metric.aggregator === 'unique' ? formatRate : (value) => formatAverage(value, metric);
}

/**
 * @param {Outcome} outcome
 * @param {View} view
 * @returns {Line}
 */
function lineOf({ name, timeseries = [] }, view) {
  if (view === 'rate') return { name, values: timeseries.map(({ samples, rate }) => (samples > 0 ? rate : null)) };
  if (view === 'significance') return { name, values: timeseries.map(({ lift }) => lift?.significance ?? null) };
  const known = (/** @type {Point} */ { lift }) => (lift && lift.confidence_interval[0] !== null ? lift : undefined);
  return {
    name,
    values: timeseries.map((point) => known(point)?.value ?? null),
    low: timeseries.map((point) => known(point)?.confidence_interval[0] ?? null),
    high: timeseries.map((point) => known(point)?.confidence_interval[1] ?? null),
  };
}

/** What an ordinary z-test makes of it, which is no safe thing to watch. @param {Outcome} outcome @returns {Line} */
function naiveLineOf({ name, timeseries = [] }) {
  const known = (/** @type {Point} */ { lift }) => lift && lift.confidence_interval[0] !== null;
  return { name: `${isolated(name)} by a z-test, not safe to watch`, values: timeseries.map((point) => (known(point) ? 1 - Number(point.lift?.x_naive_p_value) : null)) };
}

/** Two looks within one millisecond are drawn side by side. @param {number[]} times */
function ascending(times) {
  const apart = 0.0005;
  return times.reduce((/** @type {number[]} */ list, time, i) => [...list, i === 0 ? time : Math.max(time, list[i - 1] + apart)], []);
}

/** Of the looks at which something was known, those after this part of them are late. */
const LATE = 0.65;

/**
 * What happened lately decides what is worth showing: in the beginning an interval is as wide as ignorance.
 * @param {Line[]} lines
 * @param {View} view
 * @returns {[number, number]}
 */
function rangeOf(lines, view) {
  const late = lines.flatMap(({ values, low = [], high = [] }) => [values, low, high])
    .map((list) => list.filter((value) => value !== null)).flatMap((known) => known.slice(Math.floor(known.length * LATE)));
  const around = view === 'improvement' ? [0] : [];
  const [low, high] = [Math.min(...late, ...around), Math.max(...late, ...around)];
  if (!Number.isFinite(low)) return [0, 1];
  const margin = (high - low) * 0.1 || Math.abs(high) * 0.1 || 0.1;
  return [view === 'rate' && low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin]; // refunds are below 0
}

/** @param {Experiment} experiment @param {Point[]} points */
function epochMarks({ x_epochs: epochs }, points) {
  const first = Date.parse(points[0]?.time ?? '');
  const last = Date.parse(points.at(-1)?.time ?? '');
  return epochs.slice(1).map(({ since, revisions }) => ({ at: Date.parse(since), words: `revision ${revisions[0]}` }))
    .filter(({ at }) => at >= first && at <= last).map(({ at, words }) => ({ at: at / 1000, words }));
}

/** @param {Outcome[]} outcomes */
function resetMarks(outcomes) {
  return outcomes.flatMap(({ name, timeseries = [] }) => timeseries.filter(({ lift }) => lift?.x_reset)
    .map(({ time }) => ({ at: Date.parse(time) / 1000, words: `${isolated(name)} starts over` })));
}

/**
 * One moment of a course in words.
 * @param {Course} course
 * @param {number} at index
 */
export function momentOf({ lines, format }, at) {
  return lines.map(({ name, values, low, high }) => {
    const value = values[at];
    const interval = /** @type {import('./results.js').Ends} */ ([low?.[at] ?? null, high?.[at] ?? null]);
    const told = value === null || value === undefined ? 'not yet known' : format(value);
    return interval[0] === null ? `${isolated(name)} ${told}` : `${isolated(name)} ${told} (${formatInterval(interval)})`;
  }).join(', ');
}

/** The columns of a course as a table. */
export const COURSE_COLUMNS = ['Time', 'Variation', 'Visitors', 'Value', 'Improvement', 'Confidence interval', 'Significance'];

/**
 * @param {Experiment} experiment
 * @param {Metric} metric
 * @param {(time: string) => string} formatTime
 * @returns {string[][]} as COURSE_COLUMNS
 */
export function courseRows(experiment, metric, formatTime) {
  const outcomes = orderedIds(experiment, metric).map((id) => metric.results[id]);
  return (outcomes[0]?.timeseries ?? []).flatMap((_, i) => outcomes.map(({ name, timeseries = [] }) => {
    const { time, samples, rate, lift } = timeseries[i];
    return [
      formatTime(time), name, formatCount(samples), metric.aggregator === 'unique' ? formatRate(rate) : formatAverage(rate, metric),
      lift && lift.confidence_interval[0] !== null ? formatChange(lift.value) : UNKNOWN,
      lift ? formatInterval(lift.confidence_interval) : UNKNOWN, lift ? formatSignificance(lift.significance) : UNKNOWN,
    ];
  }));
}
