import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideEngine } from '../sdk/beside.js';
import { describeMovements, movedBetween } from './movers.js';

/**
 * @param {number} share of the first of two variations, and of a flag
 * @param {number} [reach] of another experiment, in whose place a new one comes where it is 0
 * @param {string[]} [audienceIds] of the first experiment
 */
async function opened(share, reach = 10_000, audienceIds = /** @type {string[]} */ ([])) {
  const variations = [{ id: '11', key: 'a', featureEnabled: true }, { id: '12', key: 'b', featureEnabled: true }];
  const datafile = {
    version: '4', revision: '1', experiments: [
      { id: '2', key: reach ? 'still' : 'new', status: 'Running', layerId: '1', audienceIds: [], variations: [{ id: '21', key: 'a' }], trafficAllocation: [{ entityId: '21', endOfRange: reach || 10_000 }] },
      { id: '1', key: 'sort', status: 'Running', layerId: '1', audienceIds, variations, trafficAllocation: [{ entityId: '11', endOfRange: share }, { entityId: '12', endOfRange: 10000 }] },
    ],
    typedAudiences: [{ id: '8', name: 'at a desk', conditions: ['and', { type: 'custom_attribute', name: 'device', match: 'exact', value: 'desktop' }] }],
    featureFlags: [{ id: '3', key: 'shelf', experimentIds: ['1'], rolloutId: '', variables: [] }],
  };
  const engine = await besideEngine.load();
  return { datafile, project: engine.open(JSON.stringify(datafile), { clientName: 'test', clientVersion: '1' }) };
}

test('a share that shrinks moves about as many as it loses, and nobody elsewhere', async () => {
  const moved = movedBetween(await opened(5000), await opened(2000), {});
  assert.deepEqual(moved.map(({ name }) => name).sort(), ['flag shelf', 'sort']);
  for (const { moved: count } of moved) assert.ok(count > 250 && count < 350, String(count));
});

test('the greatest movement comes first, and what only one of the two has moves nobody', async () => {
  const names = async (/** @type {number} */ reach) => movedBetween(await opened(5000), await opened(2000, reach), {}).map(({ name }) => name);
  assert.deepEqual(await names(9000), ['sort', 'flag shelf', 'still']);
  assert.deepEqual(await names(0), ['sort', 'flag shelf']);
});

test('of an experiment with an audience those are moved who belong to it', async () => {
  const [before, after] = [await opened(5000, 10_000, ['8']), await opened(2000, 10_000, ['8'])];
  assert.deepEqual(movedBetween(before, after, { device: 'phone' }), []);
  assert.deepEqual(movedBetween(before, after, { device: 'desktop' }).map(({ name }) => name), ['sort', 'flag shelf']);
});

test('movements are told in a sentence', () => {
  assert.equal(describeMovements([{ name: 'sort', moved: 313 }], 'would get'), 'Of 1,000 made-up visitors 313 would get another variation of sort.');
  assert.equal(describeMovements([], 'get'), 'Of 1,000 made-up visitors none get another variation.');
});

test('the same datafile moves nobody', async () => {
  assert.deepEqual(movedBetween(await opened(5000), await opened(5000), {}), []);
});
