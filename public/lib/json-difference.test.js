import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonDifference } from './json-difference.js';

const told = (/** @type {string} */ before, /** @type {string} */ after) => jsonDifference(before, after)?.map(({ sign, text }) => `${sign} ${text}`);

test('what changed is told with a few lines around it, the rest is counted', () => {
  const list = (/** @type {number} */ changed) => JSON.stringify(Array.from({ length: 20 }, (_, i) => (i === 10 ? changed : i)));
  assert.deepEqual(told(list(10), list(99)), ['… 8 lines', '    7,', '    8,', '    9,', '-   10,', '+   99,', '    11,', '    12,', '    13,', '… 7 lines']);
});

test('how a text is laid out is no difference', () => {
  assert.deepEqual(told('{"a":1}', '{\n "a" : 1\n}'), []);
});

test('what is hostile stays text', () => {
  assert.deepEqual(told('{"a":"x"}', '{"a":"<img onerror=1>"}'), ['  {', '-   "a": "x"', '+   "a": "<img onerror=1>"', '  }']);
});

test('what nobody would read is not told', () => {
  const many = (/** @type {number} */ from) => JSON.stringify(Array.from({ length: 1500 }, (_, i) => from + i));
  assert.equal(jsonDifference(many(0), many(10_000)), undefined);
});
