import assert from 'node:assert/strict';
import test from 'node:test';

import { TIMES, beforeThis, constancyInWords } from './constancy.js';

const all = { times: TIMES, before: undefined, relay: undefined };

test('what was tried is told, and only that', () => {
  /** @type {[string, Partial<import('./constancy.js').Constancy>][]} */
  const cases = [
    ['Same id, same variation: checked 100 times here.', {}],
    ['Same id, same variation: checked 100 times here and by the relay.', { relay: 'price' }],
    ['Same id, same variation: checked 100 times here, at the last visit and by the relay.', { relay: 'price', before: 'price' }],
  ];
  for (const [words, tried] of cases) assert.deepEqual(constancyInWords({ ...all, ...tried }, 'price'), { holds: true, words });
});

test('any other answer is called a fault', () => {
  for (const tried of [{ times: 99 }, { before: 'category' }, { before: null }, { relay: 'category' }, { relay: null }]) {
    const { holds, words } = constancyInWords({ ...all, ...tried }, 'price');
    assert.equal(holds, false);
    assert.match(words, /fault/);
  }
});

test('to be left out is as constant as a variation', () => {
  assert.equal(constancyInWords({ times: TIMES, before: null, relay: null }, null).holds, true);
});

test('a visit is compared with the last one only under the very same datafile', (t) => {
  const kept = new Map();
  Object.assign(globalThis, { localStorage: { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept) } });
  t.after(() => Reflect.deleteProperty(globalThis, 'localStorage'));
  const visit = (/** @type {string | null} */ hash, /** @type {string | null} */ variation) => (
    beforeThis({ experimentKey: 'item-sort', hash, look: { visitor: 'Matt', attributes: {}, forced: '' }, variation }));
  assert.equal(visit('a', 'price'), undefined);
  assert.equal(visit('a', 'category'), 'price');
  assert.equal(visit('b', null), undefined);
  assert.equal(visit('b', null), null);
  assert.equal(visit(null, 'price'), undefined);
  assert.equal(visit(null, 'category'), undefined);
  visit('c', 'two\nlines');
  assert.equal(visit('c', 'two\nlines'), 'two\nlines');
});
