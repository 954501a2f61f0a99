import assert from 'node:assert/strict';
import test from 'node:test';
import { batchSizeOf, batchesOf, percentile } from './pace.js';

/**
 * A clock that shows the time in coarse steps, and moves a little with each look.
 * @param {import('node:test').TestContext} t
 * @param {number} step
 * @returns {(ms: number) => void} lets time pass
 */
function keepTime(t, step) {
  let now = 0;
  t.mock.method(performance, 'now', () => Math.floor((now += step / 1000) / step) * step);
  return (ms) => { now += ms; };
}

for (const step of [0.005, 0.1, 1]) {
  test(`a batch lasts long enough for a clock with steps of ${step} ms`, (t) => {
    const pass = keepTime(t, step);
    const size = batchSizeOf(() => pass(0.001));
    assert.ok(size * 0.001 >= 9 * step && size * 0.001 <= Math.max(20 * step, 1.1), `${size} calls of a microsecond`);
  });
}

test('batches are averages, and go on for as long as they are asked to', (t) => {
  const pass = keepTime(t, 0.1);
  const batches = batchesOf(() => pass(0.002), 1000, 20);
  assert.equal(batches.length, 10);
  for (const micros of batches) assert.ok(Math.abs(micros - 2) <= 0.2, `${micros} µs`);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.deepEqual([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)], [100, 198, 200]);
  assert.equal(percentile([7], 0.5), 7);
});
