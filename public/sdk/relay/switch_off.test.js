import assert from 'node:assert/strict';
import { test } from 'node:test';
import { switchOff } from './switch_off.js';

const rule = (/** @type {string} */ id, /** @type {object} */ more = {}) => ({
  id, status: 'Running', trafficAllocation: [5000], variations: [{ id: `${id}1`, featureEnabled: true }], ...more,
});

/** @param {(datafile: any) => void} [change] */
function make(change = () => {}) {
  const datafile = {
    revision: '1', experiments: [rule('e')], groups: [{ id: 'g', experiments: [rule('f')] }], rollouts: [{ id: 'r', experiments: [rule('d')] }],
    featureFlags: [{ id: 'flag', experimentIds: ['e', 'f'], rolloutId: 'r' }],
  };
  change(datafile);
  return JSON.stringify(datafile);
}

for (const [name, change, expected] of /** @type {[string, (next: any) => void, (expected: any) => void][]} */ ([
  ['an experiment that was paused', (next) => (next.experiments[0].status = 'Paused'), (it) => (it.experiments[0].status = 'Paused')],
  ['an experiment that was archived', (next) => (next.experiments[0].status = 'Archived'), (it) => (it.experiments[0].status = 'Archived')],
  ['an experiment that is gone from its group', (next) => (next.groups = []), (it) => (it.groups[0].experiments[0].status = 'Paused')],
  ['a rule of a rollout', (next) => (next.rollouts[0].experiments[0].status = 'Not started'), (it) => (it.rollouts[0].experiments[0].status = 'Not started')],
  ['a variation', (next) => (next.experiments[0].variations[0].featureEnabled = false), (it) => (it.experiments[0].variations[0].featureEnabled = false)],
  ['an experiment taken from its flag', (next) => (next.featureFlags[0].experimentIds = ['f']), (it) => (it.featureFlags[0].experimentIds = ['f'])],
  ['a flag that is gone', (next) => (next.featureFlags = []), (it) => Object.assign(it.featureFlags[0], { experimentIds: [], rolloutId: '' })],
])) {
  test(`${name} is switched off at once, whatever else changed`, () => {
    const newest = make((next) => {
      change(next);
      next.revision = '2';
      if (next.experiments[0]) next.experiments[0].trafficAllocation = [10000];
    });
    assert.equal(switchOff(make(), newest), make(expected));
  });
}

test('an id that became a number is that of the same rule', () => {
  const numbered = (/** @type {unknown} */ id) => JSON.stringify({ experiments: [{ id, status: 'Running' }] });
  assert.equal(switchOff(numbered('1'), numbered(1)), numbered('1'));
});

test('what only changed, began or was turned on waits', () => {
  const stopped = make((it) => (it.experiments[0].status = 'Paused'));
  const newest = make((next) => {
    next.revision = '2';
    next.groups[0].experiments[0].trafficAllocation = [];
    next.experiments.push(rule('new'));
  });
  assert.equal(switchOff(stopped, newest), stopped);
});

test('a datafile without some of the lists is borne, and one that is no JSON is not', () => {
  for (const bare of ['{"revision":"1"}', '{"experiments":null,"groups":[{"id":"g"}],"rollouts":[{"id":"r"}],"featureFlags":[{"id":"flag"}]}']) {
    assert.equal(switchOff(bare, make()), bare);
    const off = make((it) => {
      for (const owner of [it, it.groups[0], it.rollouts[0]]) owner.experiments[0].status = 'Paused';
      Object.assign(it.featureFlags[0], { experimentIds: [], rolloutId: '' });
    });
    assert.equal(switchOff(make(), bare), off);
  }
  assert.throws(() => switchOff(make(), '{bad'), SyntaxError);
});
