import assert from 'node:assert/strict';
import test from 'node:test';
import { attributesIn, unreadIn } from './attributes.js';

test('attributes in an address are read, and what could not be is known', () => {
  for (const [text, attributes, unread] of /** @type {const} */ ([
    ['{"plan":"gold","age":40,"member":true,"gone":null}', { plan: 'gold', age: 40, member: true, gone: null }, /^$/],
    ['{}', {}, /^$/],
    ['{"a":[1],"b":{},"c":1}', { c: 1 }, /^Some /],
    ['', undefined, /^$/],
    ...['{bad', 'null', '[1]', '"gold"', '7'].map((odd) => /** @type {const} */ ([odd, undefined, /usual ones/])),
  ])) {
    assert.deepEqual(attributesIn(text), attributes, text);
    assert.match(unreadIn(`?user=Matt&attributes=${encodeURIComponent(text)}`), unread, text);
  }
  assert.deepEqual([attributesIn(null), unreadIn('?user=Matt')], [undefined, '']);
});
