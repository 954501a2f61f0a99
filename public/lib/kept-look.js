/** The look that the store showed last in this tab, as it stood in the address: the console asks about it, and the way back leads to it. */

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

/** Keeps the look that a link brought to a tab of its own, which knows of no other tab's. What asks the console about more is no look. */
export function takeLook() {
  const query = new URLSearchParams(location.search);
  if (query.get('user') && !query.has('flag') && !query.has('experiment')) keepLook(location.search);
  else carryLook();
}

/** Has the links to the store and the console name the look, also to a tab that they are opened in. */
export function carryLook(search = keptLook()) {
  for (const link of document.querySelectorAll('.js-to-store, .js-to-console')) /** @type {HTMLAnchorElement} */ (link).search = search;
}
