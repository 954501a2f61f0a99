/** Who is looking, and as what: from the address, from memory, or drawn by lot. */

import { attributesIn, attributesText, usualAttributes } from './attributes.js';
import { keepLook, keptLook } from './kept-look.js';
import { recall } from './memory.js';

const NAMES = ['Ada', 'Bram', 'Clara', 'Dov', 'Elsa', 'Femi', 'Greta', 'Hugo', 'Ines', 'Joe', 'Kaito', 'Lena', 'Maud',
  'Noor', 'Otto', 'Pia', 'Quinn', 'Rosa', 'Sami', 'Tilda', 'Uma', 'Viggo', 'Wanda', 'Yusuf', 'Zora'];

/**
 * @typedef {object} Look
 * @property {string} visitor the id; '' while nobody is looking
 * @property {import('./attributes.js').Attributes} attributes
 * @property {string} forced the key of the variation that was chosen for them, '' when the experiment decides
 */

/** What no visitor can be called: it is what a program writes that forgot to look for the id, so the SDK refuses it. */
const NO_ID = 'undefined';

export const REFUSED_ID = `${NO_ID} is no visitor id: it is what a program writes that has none. Choose another one.`;

/** @param {string} id @returns {boolean} whether the SDK would take it */
export function isAllowed(id) {
  return id !== NO_ID;
}

/** @returns {Look} what the address says, else who was here last, with the usual attributes */
export function currentLook(search = location.search) {
  const query = new URLSearchParams(search);
  return {
    visitor: query.get('user')?.trim() || recall('visitor'),
    attributes: attributesIn(query.get('attributes')) ?? usualAttributes(),
    forced: query.get('forced') ?? '',
  };
}

/** @returns {Look} that of the address where it names somebody, else the one the store showed last in this tab, or would show now */
export function lastLook() {
  return currentLook(new URLSearchParams(location.search).get('user') ? location.search : keptLook());
}

/** Writes a look into the address, for another page or person to see the same, and keeps it for the other pages. @param {Look} look */
export function showInAddress({ visitor, attributes, forced }) {
  const address = new URL(location.href);
  const text = attributesText(attributes);
  const isUsual = text === attributesText(usualAttributes());
  for (const [name, value] of [['user', visitor], ['attributes', isUsual ? '' : text || '{}'], ['forced', forced]]) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(history.state, '', address);
  keepLook(address.search);
}

/** @returns {string} such as "Maud-4821" (crypto.randomUUID does not exist on plain http) */
export function randomVisitor() {
  const [name, number] = crypto.getRandomValues(new Uint32Array(2));
  return `${NAMES[name % NAMES.length]}-${String(number % 10_000).padStart(4, '0')}`;
}
