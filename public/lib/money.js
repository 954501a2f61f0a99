/** Money as this shop counts it: prices in whole US dollars, revenue in cents as Optimizely's `revenue` tag wants it. */

const whole = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
/** What rounds to nothing has no sign: a visitor's share of a refund may be less than half a cent. */
const exact = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', signDisplay: 'negative' });

/**
 * @param {number} price in whole dollars
 * @returns {string} such as "$54"
 */
export function formatPrice(price) {
  return whole.format(price);
}

/**
 * @param {number} price in whole dollars
 * @returns {number} the same in cents
 */
export function toCents(price) {
  return Math.round(price * 100);
}

/**
 * @param {number} cents
 * @returns {string} such as "$54.00"
 */
export function formatRevenue(cents) {
  return exact.format(cents / 100);
}
