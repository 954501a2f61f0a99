/** The look that the store showed last in this tab, as it stood in the address: the console asks about it. */

import { recall, remember } from './memory.js';

const NAME = 'look';

/** @returns {string} '' where the store has shown none */
export function keptLook() {
  return recall(NAME, 'sessionStorage');
}

/** @param {string} search */
export function keepLook(search) {
  remember(NAME, search, 'sessionStorage');
  carryLook(search);
}

/** Has the link to the console name the look: what a tab remembers is not known to the tab that a link is opened in. */
export function carryLook(search = keptLook()) {
  for (const link of document.querySelectorAll('.js-to-console')) /** @type {HTMLAnchorElement} */ (link).search = search;
}
