import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWithNulls } from './datafile.js';
import { describePlace, describeRange, trafficLineOf } from './traffic-line.js';

const entities = [{ id: '1', key: 'price' }, { id: '2', key: 'category' }];

test('a line has no gaps, and says who holds the bucket', () => {
  for (const [name, allocation, bucket, ranges, place] of /** @type {[string, any, number, string[], string][]} */ ([
    ['two halves', [['1', 5000], ['2', 10000]], 5000, ['price 0 to 4,999', 'category 5,000 to 9,999'], 'Bucket 5,000 falls to category'],
    ['a rest', [['1', 5000], ['2', 8000]], 9999, ['price 0 to 4,999', 'category 5,000 to 7,999', 'nobody 8,000 to 9,999'], 'Bucket 9,999 falls to nobody'],
    ['a part set aside', [['', 1000], ['1', 10000]], 0, ['nobody 0 to 999', 'price 1,000 to 9,999'], 'Bucket 0 falls to nobody'],
    ['a range that an earlier one has whole', [['1', 5000], ['2', 4000]], 4500, ['price 0 to 4,999', 'nobody 5,000 to 9,999'], 'Bucket 4,500 falls to price'],
    ['an entity that does not exist', [['9', 10000]], 1, ['id 9 0 to 9,999'], 'Bucket 1 falls to id 9'],
    ['no allocation', [], 1, ['nobody 0 to 9,999'], 'Bucket 1 falls to nobody'],
  ])) {
    const line = trafficLineOf(allocation.map((/** @type {[string, number]} */ [entityId, endOfRange]) => ({ entityId, endOfRange })), entities, { bucket, hash: 0 }, ['Matt', '7']);
    assert.deepEqual(line.ranges.map(describeRange), ranges, name);
    assert.equal(describePlace(line), place, name);
    assert.equal(line.ranges.filter(({ holds }) => holds).length, 1, name);
  }
});

test('an id that is a number is taken as text, as by the engine', () => {
  const trafficAllocation = [{ entityId: 1, endOfRange: 5000 }, { entityId: '2', endOfRange: 10000 }];
  const rule = parseWithNulls(JSON.stringify({ trafficAllocation, variations: [{ id: '1', key: 'price' }, { id: 2, key: 'category' }] }));
  const { ranges } = trafficLineOf(rule.trafficAllocation, rule.variations, { bucket: 0, hash: 0 }, ['Matt', '7']);
  assert.deepEqual(ranges.map(({ name }) => name), ['price', 'category']);
});

test('a name from right to left leaves the figures beside it where they are', () => {
  const { ranges } = trafficLineOf([{ entityId: '3', endOfRange: 10000 }], [{ id: '3', key: 'מחיר' }], { bucket: 0, hash: 0 }, ['Matt', '7']);
  assert.deepEqual(ranges.map(describeRange), ['\u2068מחיר\u2069 0 to 9,999']);
});
