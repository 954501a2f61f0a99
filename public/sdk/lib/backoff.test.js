import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff, fullJitter, plusUpTo } from './backoff.js';

test('waits double up to the longest, and start over', () => {
  const backoff = new Backoff({ first: 100, max: 500, spread: (wait) => wait });
  assert.deepEqual(Array.from({ length: 5 }, () => backoff.next()), [100, 200, 400, 500, 500]);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});

test('full jitter is anything up to the wait, and plusUpTo never less than it', () => {
  for (let i = 0; i < 1000; i++) {
    const jittered = fullJitter(100);
    assert.ok(jittered >= 0 && jittered < 100);
    const longer = plusUpTo(50)(100);
    assert.ok(longer >= 100 && longer < 150);
  }
});
