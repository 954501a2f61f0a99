/** The shop's items, and the orders they can stand in. */

import { fetchJSON } from './fetch-json.js';

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} name
 * @property {string} colour
 * @property {string} category
 * @property {number} price in whole dollars
 * @property {string} image its address
 */

/** Where the folder of the shop's data lies: seen from here, since the page may lie elsewhere than what it is made of. */
const SITE = new URL('../', import.meta.url);

/** @returns {Promise<Item[]>} in the shop's own order */
export async function loadCatalogue() {
  const items = /** @type {Item[]} */ (await fetchJSON(new URL('demo/items.json', SITE).href));
  return items.map((item) => ({ ...item, image: new URL(item.image, SITE).href }));
}

/** @type {Record<string, (a: Item, b: Item) => number>} */
const COMPARE = {
  price: (a, b) => a.price - b.price,
  category: (a, b) => a.category.localeCompare(b.category, 'en'),
  name: (a, b) => a.name.localeCompare(b.name, 'en'),
};

/** The shop's own order, in settings that mean it. */
const OWN_ORDER = 'shelf';

/** All orders that settings may name. */
export const ORDERS = [...Object.keys(COMPARE), OWN_ORDER];

/**
 * @param {string | undefined} order
 * @returns {boolean} whether it sorts; else the shelf is in the shop's own order
 */
export function isSorted(order) {
  return order !== undefined && Object.hasOwn(COMPARE, order);
}

/**
 * Items in the order asked for; those that tie stand by name, so an order never depends on the one before.
 * @param {readonly Item[]} items left as they are
 * @param {string | undefined} order one of ORDERS; anything else is the shop's own order
 * @returns {Item[]}
 */
export function sortItems(items, order) {
  if (order === undefined || !isSorted(order)) return [...items];
  const compare = COMPARE[order];
  return [...items].sort((a, b) => compare(a, b) || a.name.localeCompare(b.name, 'en'));
}
