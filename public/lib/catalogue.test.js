import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { sortItems } from './catalogue.js';

/** @type {import('./catalogue.js').Item[]} */
const items = JSON.parse(readFileSync(new URL('../demo/items.json', import.meta.url), 'utf8'));
const prices = (/** @type {string | undefined} */ order) => sortItems(items, order).map((item) => item.price);
const ascending = (/** @type {number[]} */ list) => list.every((price, i) => i === 0 || price >= list[i - 1]);

test('the shelf holds nine different items, each with its picture', () => {
  assert.equal(new Set(items.map((item) => item.id)).size, 9);
  for (const item of items) assert.ok(existsSync(new URL(`../${item.image}`, import.meta.url)), item.image);
});

test('prices are whole dollars', () => {
  for (const item of items) assert.ok(Number.isInteger(item.price) && item.price > 0, item.name);
});

test('sorted by price, the cheapest comes first', () => {
  assert.ok(ascending(prices('price')));
});

test('sorted by category, categories stay together and ties stand by name', () => {
  const sorted = sortItems(items, 'category').map((item) => `${item.category}/${item.name}`);
  assert.deepEqual(sorted, [...sorted].sort());
});

test('neither the category order nor the shop’s own is ascending in price', () => {
  assert.ok(!ascending(prices('category')));
  assert.ok(!ascending(prices(undefined)));
});

for (const order of [undefined, 'colour', 'constructor', '']) {
  test(`the order ${order} is unknown, so the shop’s own stays`, () => {
    assert.deepEqual(sortItems(items, order), items);
  });
}

test('sorting leaves the given list alone and does not depend on the order before', () => {
  const before = [...items];
  assert.deepEqual(sortItems(sortItems(items, 'price'), 'category'), sortItems(items, 'category'));
  assert.deepEqual(items, before);
});
