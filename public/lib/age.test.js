import assert from 'node:assert/strict';
import test from 'node:test';
import { formatAge } from './age.js';

for (const [milliseconds, wanted] of /** @type {const} */ ([
  [-5000, '0 seconds ago'],
  [1500, '1 second ago'],
  [59_999, '59 seconds ago'],
  [60_000, '1 minute ago'],
  [7_199_999, '1 hour ago'],
  [3 * 86_400_000, '3 days ago'],
])) {
  test(`${milliseconds} ms have passed since ${wanted}`, () => assert.equal(formatAge(milliseconds), wanted));
}
