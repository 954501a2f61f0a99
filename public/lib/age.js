/** How long ago something was, in words. */

const ago = new Intl.RelativeTimeFormat('en-US');
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const AGES = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** @param {number} milliseconds that have passed @returns {string} such as "2 minutes ago" */
export function formatAge(milliseconds) {
  const seconds = Math.max(0, milliseconds / 1000);
  const [unit, length] = AGES.find(([, each]) => seconds >= each) ?? ['second', 1];
  return ago.format(-Math.floor(seconds / length), unit);
}
