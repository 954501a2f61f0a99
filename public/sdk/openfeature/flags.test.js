import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDatafile } from '../testkit.test.js';
import { changedFlags, readFlags } from './flags.js';

/** @param {(project: any) => void} change @returns {string[]} keys of the flags that it changes */
function changedBy(change) {
  const project = JSON.parse(makeDatafile());
  project.experiments.find((/** @type {any} */ { key }) => key === 'of-a-flag').audienceIds = ['501'];
  const before = readFlags(JSON.stringify(project));
  change(project);
  return changedFlags(before, readFlags(JSON.stringify(project)));
}

const experiment = (/** @type {any} */ project, /** @type {string} */ name) => project.experiments.find((/** @type {any} */ { key }) => key === name);

test('flags are those of the datafile, and experiments that belong to none', () => {
  assert.deepEqual([...readFlags(makeDatafile()).keys()], ['flag', 'ab', 'only-us', 'paused', 'without-layer', 'empty', 'crossed', 'grouped']);
  assert.deepEqual([...readFlags('{"version":"4"}').keys()], []);
});

test('what is no list counts as an empty one, and null as nothing, as for the engine', () => {
  const ab = { id: '3001', key: 'ab', variations: [null] };
  const flag = { id: '101', key: 'flag', rolloutId: '801', experimentIds: null };
  const project = { experiments: [null, ab], groups: [null, { experiments: null }], featureFlags: [flag], rollouts: [{ id: '801', experiments: null }], audiences: null, typedAudiences: {} };
  assert.deepEqual([...readFlags(JSON.stringify(project)).keys()], ['flag', 'ab']);
  for (const list of ['experiments', 'groups', 'featureFlags', 'rollouts']) readFlags(JSON.stringify({ ...project, [list]: null }));
});

/** @type {Record<string, [change: (project: any) => void, changed: string[]]>} */
const changes = {
  'the revision alone changes none': [(project) => void (project.revision = '8'), []],
  'traffic changes its experiment': [(project) => void (experiment(project, 'ab').trafficAllocation[0].endOfRange = 1), ['ab']],
  "traffic of a flag's experiment changes the flag": [(project) => void (experiment(project, 'of-a-flag').trafficAllocation[0].endOfRange = 1), ['flag']],
  'a delivery changes its flag': [(project) => void (project.rollouts[0].experiments[0].status = 'Paused'), ['flag']],
  'a variable changes its flag': [(project) => void (project.featureFlags[0].variables[0].defaultValue = 'bye'), ['flag']],
  'an audience changes those that ask for it': [(project) => void (project.typedAudiences[0].conditions[1].value = 'de'), ['flag', 'only-us']],
  "a group's traffic changes its experiments": [(project) => void (project.groups[0].trafficAllocation[0].endOfRange = 1), ['grouped']],
  'a holdout changes every flag': [(project) => void (project.holdouts = [{ id: '1', key: 'h', variations: [] }]), ['flag']],
  'what goes and what comes has changed': [(project) => void (experiment(project, 'ab').key = 'ba'), ['ab', 'ba']],
  'an experiment that becomes a flag’s is its own no more': [(project) => void project.featureFlags[0].experimentIds.push('3001'), ['flag', 'ab']],
};

for (const [name, [change, changed]] of Object.entries(changes)) {
  test(name, () => assert.deepEqual(changedBy(change), changed));
}
