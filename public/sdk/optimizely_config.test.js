/** What an application sees of a project is, property by property, what the official SDK shows. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeDatafile, official, ours } from './testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

/** @param {any} sdk @param {string} datafile @returns {any} null where there is none */
function configOf(sdk, datafile) {
  const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }) });
  const config = client.getOptimizelyConfig();
  client.close();
  return config;
}

/** A datafile with nothing but what a test is about. @param {Record<string, unknown>} changes */
function makeProject(changes) {
  return makeDatafile({ experiments: [], groups: [], featureFlags: [], rollouts: [], ...changes });
}

/** Compares as text, so that the order of properties counts. @param {string} datafile @param {string} [name] */
function sameConfig(datafile, name) {
  const theirs = configOf(them, datafile);
  assert.equal(JSON.stringify(configOf(us, datafile)), JSON.stringify(theirs), name);
  return theirs;
}

/** @param {string} id @param {Record<string, unknown>} [changes] */
function experiment(id, changes) {
  return { id, key: `x${id}`, status: 'Running', layerId: id, audienceIds: [], forcedVariations: {}, trafficAllocation: [], variations: [], ...changes };
}

/** @param {string} id @param {Record<string, unknown>} [changes] */
function flag(id, changes) {
  return { id, key: `f${id}`, rolloutId: '', experimentIds: [], variables: [], ...changes };
}

const audiences = {
  audiences: [
    { id: '1', name: 'old "one"', conditions: '["or",  {"value": 1e21}, {"value": [67, -0.50, 12345678901234567890, true, null, "\\\\ \\u00e9\\ud800 é"]}]' }, { id: '2', name: 'replaced', conditions: '[]' },
    { id: '$opt_dummy_audience', name: 'dummy', conditions: '"x"' }, { id: '3', conditions: '[]' },
  ],
  typedAudiences: [{ id: '2', name: 'two', conditions: ['or', { value: -0 }] }, { id: '4', name: '', conditions: 'text' }],
};

const conditions = [
  undefined, null, '', [], ['1'], ['or', '1'], ['and', '1', '2'], ['1', '2'], ['and', '1', 'or', '2', 'and', '3'], ['not', '1'], ['not', '1', '2'],
  ['1', 'not', '2'], ['or', '1', ['not', '2']], ['or', ['and', '1', ['or', '2', '4']], ['not', '3']], ['or', []], [[['1']]], ['or', ['or'], '1'],
  ['unknown'], ['1', 'not', 'unknown'], ['not', 'unknown'], ['or', ['not', 'unknown']], ['not', ['unknown']], ['OR', '1'], ['not', 'and', '1', '2'],
  ['or', 1, null, true, { value: 1 }], ['or', '$opt_dummy_audience'], '1', 5, { value: 1 }, ['1', 'not'],
];

test('audience conditions are put into the official words', () => {
  for (const audienceConditions of conditions) {
    sameConfig(makeProject({ ...audiences, experiments: [experiment('1', { audienceConditions })] }), JSON.stringify(audienceConditions));
  }
});

const variables = [
  { id: 'v1', key: 'text', type: 'string', defaultValue: 'd' }, { id: 'v2', key: 'data', type: 'string', subType: 'json', defaultValue: '{}' },
  { id: 'v3', key: '3', type: 'integer', defaultValue: '1' },
];
const set = [{ id: 'v1', value: 'set' }];
const variations = [
  { id: '11', key: 'on', featureEnabled: true, variables: set }, { id: '12', key: 'off', featureEnabled: false, variables: set },
  { id: '13', key: 'plain' }, { id: '14', key: '7', featureEnabled: true, variables: [...set, { id: 'v1', value: 'again' }] }, { id: '15', key: 'on' },
];
const rollout = { id: 'r', experiments: [experiment('8', { variations, audienceConditions: ['or', '1'] }), experiment('9', { key: 'x8', variations })] };

/** @type {Record<string, Record<string, unknown>>} */
const projects = {
  "variables of an experiment are its first flag's": {
    experiments: [experiment('1', { variations })],
    featureFlags: [flag('1', { experimentIds: ['1'], variables }), flag('2', { experimentIds: ['1'], variables: [{ ...variables[0], id: 'w' }] })],
  },
  'a variation sets a variable of another flag': {
    experiments: [experiment('1', { variations })],
    featureFlags: [flag('1', { experimentIds: ['1'] }), flag('2', { variables })],
  },
  'a variation knows a variable by a number': {
    experiments: [experiment('1', { variations: [true, false].map((featureEnabled) => ({ id: `1${featureEnabled}`, key: `${featureEnabled}`, featureEnabled, variables: [{ id: 5, value: 's' }] })) })],
    featureFlags: [flag('1', { experimentIds: ['1'], variables: [{ ...variables[0], id: '5' }, variables[1]] })],
  },
  'a delivery rule that no flag uses is not looked at': { rollouts: [rollout], featureFlags: [flag('1', { variables: [] })] },
  'delivery rules have the variables of each flag': {
    rollouts: [rollout],
    featureFlags: [flag('1', { rolloutId: 'r', variables }), flag('2', { rolloutId: 'r' }), flag('3', { rolloutId: 'gone', variables })],
  },
  'feature rollouts show the variation for everyone else': {
    experiments: [experiment('1', { type: 'fr', variations: [variations[2]] })],
    rollouts: [rollout],
    featureFlags: [flag('1', { rolloutId: 'r', experimentIds: ['1'], variables }), flag('2', { rolloutId: 'r', experimentIds: ['1'] })],
  },
  'the last of two with a key or id is shown': {
    experiments: [experiment('1'), experiment('2', { key: 'x1' }), experiment('1', { key: 'y', variations })],
    rollouts: [rollout, { id: 'r', experiments: [] }],
    featureFlags: [
      flag('1', { experimentIds: ['2', '1', '1'], variables }), flag('1', { key: 'other', rolloutId: 'r' }), flag('5', { key: 'f1' }), flag('6', { key: '6', variables }),
    ],
  },
  'an experiment with the id of a delivery rule is hidden': {
    experiments: [experiment('8')],
    rollouts: [rollout],
    featureFlags: [flag('1', { experimentIds: ['8'], variables })],
  },
  'holdouts are not shown': {
    holdouts: [{ id: 'h', key: 'h', status: 'Running', audienceIds: [], trafficAllocation: [], variations }],
    localHoldouts: [{ id: 'l', key: 'l', status: 'Running', audienceIds: [], trafficAllocation: [], variations, includedRules: ['3020'] }],
  },
  'without sections': { sdkKey: undefined, environmentKey: null, attributes: null, events: undefined, audiences: null, groups: null, rollouts: null, experiments: [] },
  'keys that every object has': { experiments: [experiment('1', { key: 'toString', variations: [{ id: '1', key: 'valueOf' }] })], featureFlags: [flag('1', { key: 'hasOwnProperty' })] },
};

for (const [name, changes] of Object.entries(projects)) {
  test(name, () => {
    assert.notEqual(sameConfig(makeProject({ ...audiences, ...changes })), null);
  });
}

for (const [name, sdk] of /** @type {const} */ ([['ours', us], ['the official SDK', them]])) {
  test(`${name}: an experiment is one object wherever it is shown, and a variable of each variation its own`, () => {
    const experiments = [experiment('1', { variations: variations.slice(0, 2) })];
    const { experimentsMap, featuresMap } = configOf(sdk, makeProject({ experiments, featureFlags: ['1', '2'].map((id) => flag(id, { experimentIds: ['1'], variables })) }));
    for (const { experimentRules, experimentsMap: ofFlag } of [featuresMap.f1, featuresMap.f2]) {
      assert.equal(experimentRules[0], experimentsMap.x1);
      assert.equal(ofFlag.x1, experimentsMap.x1);
    }
    const shown = [...Object.values(experimentsMap.x1.variationsMap), featuresMap.f1, featuresMap.f2].map(({ variablesMap }) => variablesMap.data);
    assert.equal(new Set(shown).size, 4);
  });
}

test('where the official SDK shows nothing, neither do we', () => {
  for (const changes of [{ experiments: [experiment('1', { variations })] }, { featureFlags: undefined }, { featureFlags: null }]) {
    assert.equal(sameConfig(makeProject(changes)), null);
  }
});

test('the golden datafiles are shown as officially', () => {
  const golden = JSON.parse(readFileSync(new URL('../../wasm/engine/enginetest/testdata/vectors.json', import.meta.url), 'utf8')).decisions.cases;
  let shown = 0;
  for (const { name, datafile } of golden) if (sameConfig(JSON.stringify(datafile), name)) shown++;
  assert.ok(shown > golden.length / 2, `only ${shown} are shown at all`);
});

test('the datafile is given back byte for byte', () => {
  const datafile = ` ${JSON.stringify(JSON.parse(makeProject({})), null, 2)}\n`;
  for (const sdk of [us, them]) assert.equal(configOf(sdk, datafile).getDatafile(), datafile);
});

test('a flag lists no experiment that the datafile does not have', () => {
  const { featuresMap } = configOf(us, makeProject({ featureFlags: [flag('1', { experimentIds: ['gone', '1'] })], experiments: [experiment('1')] }));
  assert.deepEqual(featuresMap.f1.experimentRules.map((/** @type {any} */ rule) => rule?.id), ['1']);
});

for (const [name, sdk] of /** @type {const} */ ([['ours', us], ['the official SDK', them]])) {
  test(`${name}: experiments that share a key are told of, once`, async () => {
    /** @type {string[]} */
    const lines = [];
    const client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeProject({ experiments: [experiment('1'), experiment('2', { key: 'x1' })] }) }),
      logger: sdk.createLogger({ level: sdk.WARN, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } }),
    });
    await client.onReady();
    client.getOptimizelyConfig();
    client.getOptimizelyConfig();
    assert.deepEqual(lines, ['ProjectConfigManager: Duplicate experiment keys found in datafile: x1']);
    await client.close();
  });
}
