import assert from 'node:assert/strict';
import test from 'node:test';
import { counted } from './counted.js';

for (const [n, wanted] of /** @type {const} */ ([[0, '0 visitors'], [1, '1 visitor'], [12_000, '12,000 visitors']])) {
  test(`${n} of them are ${wanted}`, () => assert.equal(counted(n, 'visitor', 'visitors'), wanted));
}
