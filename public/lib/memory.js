/** What this browser remembers for the page. Storage may be denied or full: then nothing is remembered and nothing breaks. */

const PREFIX = 'sortition.';

/** @typedef {'localStorage' | 'sessionStorage'} Place the browser's memory, or that of this tab */

/**
 * @param {string} name
 * @param {Place} [place]
 * @returns {string} '' when nothing is remembered
 */
export function recall(name, place = 'localStorage') {
  try {
    return globalThis[place].getItem(PREFIX + name) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {Place} [place]
 */
export function remember(name, value, place = 'localStorage') {
  try {
    globalThis[place].setItem(PREFIX + name, value);
  } catch {
    // Denied or full: the page works as well without.
  }
}
