import assert from 'node:assert/strict';
import test from 'node:test';
import { allocationOf, moveShare, sharesOf } from './allocation.js';

const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, key: id }));
const ranges = (/** @type {[string, number][]} */ ...list) => list.map(([entityId, endOfRange]) => ({ entityId, endOfRange }));

/** @type {[string, {id: string, key: string}[], {entityId: string, endOfRange: number}[], number[]][]} */
const shares = [
  ['halves', [a, b], ranges(['a', 5000], ['b', 10_000]), [50, 50, 0]],
  ['thirds are rounded, and still make a whole', [a, b, c], ranges(['a', 3333], ['b', 6666], ['c', 10_000]), [33, 33, 34, 0]],
  ['the largest remainders get what is over', [a, b, c], ranges(['a', 1220], ['b', 5010], ['c', 10_000]), [12, 38, 50, 0]],
  ['a gap at the end is left out', [a, b], ranges(['a', 4000], ['b', 8000]), [40, 40, 20]],
  ['a gap in the middle is left out', [a, b], ranges(['a', 4000], ['', 6000], ['b', 10_000]), [40, 40, 20]],
  ['no traffic at all', [a, b], [], [0, 0, 100]],
  ['a range that an earlier one has whole is none', [a, b, c], ranges(['a', 5000], ['b', 3000], ['c', 10_000]), [50, 0, 50, 0]],
  ['what lies behind the last bucket is nobody’s', [a, b], ranges(['a', 5000], ['b', 20_000]), [50, 50, 0]],
  ['a variation with two ranges has both', [a, b], ranges(['a', 1000], ['b', 9000], ['a', 10_000]), [20, 80, 0]],
];
for (const [name, variations, trafficAllocation, want] of shares) {
  test(`shares: ${name}`, () => assert.deepEqual(sharesOf({ id: '1', key: 'k', variations, trafficAllocation }), want));
}

/** @type {[string, number[], number, number, number[]][]} */
const moves = [
  ['of two the other gives', [50, 50, 0], 0, 80, [80, 20, 0]],
  ['and takes', [80, 20, 0], 0, 30, [30, 70, 0]],
  ['others keep their proportion', [20, 60, 20], 0, 60, [60, 30, 10]],
  ['when the others have nothing they share evenly', [100, 0, 0], 0, 50, [50, 25, 25]],
  ['to nothing', [50, 50, 0], 1, 0, [100, 0, 0]],
  ['to all', [50, 30, 20], 2, 100, [0, 0, 100]],
];
for (const [name, before, index, share, want] of moves) {
  test(`moving a share: ${name}`, () => assert.deepEqual(moveShare(before, index, share), want));
}

test('whatever is moved, the shares are whole and sum to 100', () => {
  let now = [34, 33, 33];
  for (let i = 0; i < 500; i++) {
    now = moveShare(now, i % 3, (i * 37) % 101);
    assert.equal(now.reduce((sum, share) => sum + share, 0), 100);
    assert.ok(now.every((share) => Number.isInteger(share) && share >= 0), String(now));
  }
});

test('shares become the ranges of a datafile, empty ones left out, and back', () => {
  assert.deepEqual(allocationOf([a, b], [80, 20]), ranges(['a', 8000], ['b', 10_000]));
  assert.deepEqual(allocationOf([a, b, c], [0, 29, 61]), ranges(['b', 2900], ['c', 9000]));
  assert.deepEqual(allocationOf([a, b], [0, 0]), []);
  const trafficAllocation = allocationOf([a, b, c], [7, 58, 28]);
  assert.deepEqual(sharesOf({ id: '1', key: 'k', variations: [a, b, c], trafficAllocation }), [7, 58, 28, 7]);
});
