import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { describeDifference, describeRevision, hasExperiment, traffic } from './datafile-difference.js';

/** @typedef {import('./datafile-difference.js').Datafile} Datafile */

const demo = readFileSync(new URL('../demo/datafile.json', import.meta.url), 'utf8');

/** @returns {any} a fresh copy of the demo's datafile */
const copy = () => JSON.parse(demo);

/**
 * @param {(datafile: any) => void} edit
 * @returns {string[]}
 */
function differenceAfter(edit) {
  const after = copy();
  edit(after);
  return describeDifference(copy(), after);
}

/** @type {[string, (datafile: any) => void, string[]][]} */
const cases = [
  ['a new revision alone changes nothing', (d) => (d.revision = '2'), ['nothing that changes a decision']],
  ['moved traffic is told in shares', (d) => (d.experiments[0].trafficAllocation[0].endOfRange = 8000),
    ['item-sort traffic 50/50 to 80/20']],
  ['traffic that reaches no variation is left out', (d) => (d.experiments[0].trafficAllocation[1].endOfRange = 9000),
    ['item-sort traffic 50/50 to 50/40, 10 left out']],
  ['equal shares of other ranges are told apart', (d) => d.experiments[0].trafficAllocation.splice(0, 2,
    { entityId: '20422043318', endOfRange: 5000 }, { entityId: '20402531206', endOfRange: 10000 }),
  ['item-sort traffic ranges moved']],
  ['a paused experiment', (d) => (d.experiments[0].status = 'Paused'), ['item-sort running to paused']],
  ['a new variation', (d) => d.experiments[0].variations.push({ id: '7', key: 'colour' }),
    ['item-sort variation colour added', 'item-sort traffic 50/50 to 50/50/0']],
  ['a removed experiment', (d) => d.experiments.pop(), ['experiment item-sort removed']],
  ['a removed event', (d) => d.events.pop(), ['event item_purchase removed']],
  ['an audience and its use', (d) => {
    d.typedAudiences.push({ id: '9', name: 'On a phone', conditions: ['or'] });
    d.experiments[0].audienceIds.push('9');
  }, ['item-sort audience changed', 'audience On a phone added']],
  ['a whitelisted visitor', (d) => (d.experiments[0].forcedVariations.Matt = 'price'), ['item-sort whitelist changed']],
  ['an experiment that moved into a group is still the same', (d) => d.groups.push({ experiments: d.experiments.splice(0) }),
    ['nothing that changes a decision']],
];

for (const [name, edit, want] of cases) {
  test(name, () => assert.deepEqual(differenceAfter(edit), want));
}

test('many changes are counted, not listed', () => {
  const lines = differenceAfter((d) => {
    for (let i = 0; i < 20; i++) d.events.push({ id: String(i), key: `event_${i}` });
  });
  assert.equal(lines.length, 6);
  assert.equal(lines.at(-1), '15 more changes');
});

test('a datafile with nothing in it can be compared', () => {
  assert.deepEqual(describeDifference({}, {}), ['nothing that changes a decision']);
});

test('shares keep one decimal', () => {
  const variations = [{ id: 'a', key: 'a' }, { id: 'b', key: 'b' }, { id: 'c', key: 'c' }];
  const trafficAllocation = [{ entityId: 'a', endOfRange: 3333 }, { entityId: 'b', endOfRange: 6666 }, { entityId: 'c', endOfRange: 10000 }];
  assert.equal(traffic({ id: '1', key: 'k', variations, trafficAllocation }), '33.3/33.3/33.3');
});

test('a revision that stays the same is called edited', () => {
  assert.equal(describeRevision({ revision: '41' }, { revision: '42' }), 'Revision 41 → 42');
  assert.equal(describeRevision({ revision: '41' }, { revision: '41' }), 'Revision 41, edited');
});

test('an experiment is found alone, found in a group, and missed', () => {
  const grouped = copy();
  grouped.groups.push({ experiments: grouped.experiments.splice(0) });
  assert.ok(hasExperiment(copy(), 'item-sort'));
  assert.ok(hasExperiment(grouped, 'item-sort'));
  assert.ok(!hasExperiment({}, 'item-sort'));
});
