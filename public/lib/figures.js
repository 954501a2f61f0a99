/** Figures as the results page writes them. */

import { formatRevenue } from './money.js';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
/** With as many digits at least, so that figures below one another stand point below point. */
const decimal = (/** @type {number} */ digits) => new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: 3, signDisplay: 'negative' });
const total = decimal(2);
const average = decimal(3);
const rate = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
const change = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });

const wholeChange = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });

const MANY = 100_000;

/** What stands where nothing is known. */
export const UNKNOWN = '–';

/** A minus is as wide as a plus, and screen readers say it. @param {string} figure */
const signed = (figure) => figure.replace('-', '−');

/** @param {number} n */
export const formatCount = (n) => whole.format(n);

/** @param {number} micros @returns {string} such as "1.4 µs" */
export const formatMicros = (micros) => `${micros < 10 ? micros.toFixed(1) : whole.format(micros)} µs`;

/** @param {number} bytes @returns {string} such as "465 KB" */
export const formatBytes = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${whole.format(bytes / 1000)} KB`);

/** @param {number} share 0 to 1 */
export const formatRate = (share) => rate.format(share);

/** @param {number | null} lift 0.2 for 20 % more */
export const formatChange = (lift) => (lift === null ? UNKNOWN : signed(change.format(lift)));

/** A change where space is short, as on an axis. @param {number} lift */
export const formatRoughChange = (lift) => (Math.abs(lift) < 0.1 && lift !== 0 ? formatChange(lift) : signed(wholeChange.format(lift)));

/**
 * @param {[number | null, number | null]} ends null where there is none
 * @returns {string} such as "+2.2% to +41.2%"
 */
export function formatInterval([low, high]) {
  if (low === null || high === null) return UNKNOWN;
  return `${formatChange(low)} to ${formatChange(high)}`;
}

/**
 * Statistical significance; it is never rounded up to certainty.
 * @param {number} significance 0 to 1
 */
export function formatSignificance(significance) {
  return significance > 0.999 ? '>99.9%' : rate.format(significance);
}

/** @param {number} p */
export const formatP = (p) => (p < 0.001 ? '<0.001' : p.toFixed(3));

/** @param {number | null} visitors */
export function formatRemaining(visitors) {
  if (visitors === null) return UNKNOWN;
  if (visitors === 0) return '0';
  return visitors > MANY ? `>${whole.format(MANY)}` : `~${whole.format(visitors)}`;
}

/**
 * A metric's number, of all visitors.
 * @param {number} n
 * @param {import('./results.js').Metric} metric
 */
export function formatTotal(n, { aggregator, field }) {
  if (field === 'revenue') return signed(formatRevenue(n));
  return signed((aggregator === 'count' ? whole : total).format(n));
}

/**
 * A metric's number, of one visitor.
 * @param {number} n
 * @param {import('./results.js').Metric} metric
 */
export function formatAverage(n, { field }) {
  return signed(field === 'revenue' ? formatRevenue(n) : average.format(n));
}
