/** What this browser remembers for the page. Storage may be denied or full: then nothing is remembered and nothing breaks. */

const PREFIX = 'sortition.';

/**
 * @param {string} name
 * @returns {string} '' when nothing is remembered
 */
export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Denied or full: the page works as well without.
  }
}
