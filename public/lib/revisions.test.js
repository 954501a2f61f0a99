import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNewest } from './revisions.js';

const seen = (/** @type {string[]} */ ...texts) => texts.map((text, i) => ({ text, since: i }));
const texts = (/** @type {{text: string}[]} */ all) => all.map(({ text }) => text);

test('the newest comes first, and not twice in a row', () => {
  assert.deepEqual(texts(withNewest(seen('b', 'a'), { text: 'c', since: 1 })), ['c', 'b', 'a']);
  assert.deepEqual(texts(withNewest(seen('b', 'a'), { text: 'b', since: 1 })), ['b', 'a']);
  assert.deepEqual(texts(withNewest(seen('b', 'a'), { text: 'a', since: 1 })), ['a', 'b', 'a']);
});

test('what there is no room for is let go, the oldest first', () => {
  const many = seen(...Array.from({ length: 30 }, (_, i) => String(i)));
  assert.deepEqual(texts(withNewest(many, { text: 'new', since: 1 })), ['new', ...texts(many).slice(0, 15)]);
  const large = 'x'.repeat(200_000);
  assert.deepEqual(withNewest(seen(large, `${large}y`, 'z'), { text: `${large}n`, since: 1 }).map(({ since }) => since), [1, 0]);
});
