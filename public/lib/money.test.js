import assert from 'node:assert/strict';
import test from 'node:test';
import { formatPrice, formatRevenue, toCents } from './money.js';

test('a price is shown in whole dollars', () => {
  assert.equal(formatPrice(54), '$54');
  assert.equal(formatPrice(1250), '$1,250');
});

test('revenue is counted in whole cents', () => {
  assert.equal(toCents(54), 5400);
  assert.equal(toCents(19.99), 1999);
});

test('revenue is shown with its cents', () => {
  assert.equal(formatRevenue(123405), '$1,234.05');
  assert.equal(formatRevenue(-5400), '-$54.00');
  assert.equal(formatRevenue(-0.4), '$0.00');
});
