import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreementOn } from './agreement.js';

const visitors = Array.from({ length: 20 }, (_, i) => `v${i}`);

test('every visitor is asked of both, and who differs is named', async () => {
  /** @type {string[]} */
  const asked = [];
  const there = async (/** @type {string} */ visitor) => {
    asked.push(visitor);
    return { v3: null, v4: 'b' }[visitor] ?? (visitor === 'v3' ? null : 'a');
  };
  assert.deepEqual(await agreementOn(visitors, () => 'a', there), { asked: 20, differing: ['v3: a here, no variation there', 'v4: a here, b there'] });
  assert.deepEqual(asked.sort(), [...visitors].sort());
});

test('a question that is not answered is no agreement', async () => {
  await assert.rejects(agreementOn(visitors, () => 'a', async () => { throw new Error('The relay cannot be reached.'); }), /cannot be reached/);
});
