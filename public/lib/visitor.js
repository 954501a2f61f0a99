/** Who is looking: the id from the address, from memory, or drawn by lot. */

import { recall } from './memory.js';

const NAMES = ['Ada', 'Bram', 'Clara', 'Dov', 'Elsa', 'Femi', 'Greta', 'Hugo', 'Ines', 'Joe', 'Kaito', 'Lena', 'Maud',
  'Noor', 'Otto', 'Pia', 'Quinn', 'Rosa', 'Sami', 'Tilda', 'Uma', 'Viggo', 'Wanda', 'Yusuf', 'Zora'];
const QUERY = 'user';

/** @returns {string} from `?user=`, else whoever was here last, else '' */
export function currentVisitor() {
  return new URLSearchParams(location.search).get(QUERY)?.trim() || recall('visitor');
}

/**
 * Writes the visitor into the address, so that it can be shared.
 * @param {string} id
 */
export function showInAddress(id) {
  const address = new URL(location.href);
  address.searchParams.set(QUERY, id);
  history.replaceState(history.state, '', address);
}

/** @returns {string} such as "Maud-4821" (crypto.randomUUID does not exist on plain http) */
export function randomVisitor() {
  const [name, number] = crypto.getRandomValues(new Uint32Array(2));
  return `${NAMES[name % NAMES.length]}-${String(number % 10_000).padStart(4, '0')}`;
}
