/** The shop's items, and the orders they can stand in. */

import { fetchJSON } from './fetch-json.js';

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} name
 * @property {string} colour
 * @property {string} category
 * @property {number} price in whole dollars
 * @property {string} image relative to the page
 */

/** @returns {Promise<Item[]>} in the shop's own order */
export async function loadCatalogue() {
  return /** @type {Promise<Item[]>} */ (fetchJSON('demo/items.json'));
}

/** @type {Record<string, (a: Item, b: Item) => number>} */
const COMPARE = {
  price: (a, b) => a.price - b.price,
  category: (a, b) => a.category.localeCompare(b.category, 'en'),
};

/**
 * Items in the order asked for; those that tie stand by name, so an order never depends on the one before.
 * @param {readonly Item[]} items left as they are
 * @param {string | undefined} order 'price' or 'category'; anything else is the shop's own order
 * @returns {Item[]}
 */
export function sortItems(items, order) {
  const compare = order !== undefined && Object.hasOwn(COMPARE, order) ? COMPARE[order] : undefined;
  if (!compare) return [...items];
  return [...items].sort((a, b) => compare(a, b) || a.name.localeCompare(b.name, 'en'));
}
