import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as official from '@optimizely/optimizely-sdk';
import { compareOne } from './conformance.js';

const ours = await import(String(new URL('../../../public/sdk/index.js', import.meta.url)));
await ours.ready;

process.on('unhandledRejection', () => {}); // the official SDK leaves some behind, where it has no datafile

/**
 * A datafile with an experiment, alone, in a group and for a flag, and a rollout, of which one part is replaced.
 * @param {string} path names and indexes, with points between them
 * @param {unknown} value undefined for nothing at all
 */
function datafileWith(path, value) {
  const rule = (/** @type {string} */ id, /** @type {string} */ key) => ({
    id, key, layerId: `${id}9`, status: 'Running', audienceIds: [], forcedVariations: {},
    variations: [{ id: `${id}1`, key: 'a', featureEnabled: true, variables: [{ id: '71', value: 'of a' }] }, { id: `${id}2`, key: 'b', featureEnabled: false }],
    trafficAllocation: [{ entityId: `${id}1`, endOfRange: 5000 }, { entityId: `${id}2`, endOfRange: 10000 }],
  });
  const conditions = ['or', { type: 'custom_attribute', name: 'plan', match: 'exact', value: 'gold' }];
  const datafile = {
    version: '4', revision: '1', accountId: '12001', projectId: '11001', anonymizeIP: true, sendFlagDecisions: true,
    experiments: [rule('1', 'alone'), { ...rule('2', 'targeted'), audienceIds: ['51'] }],
    groups: [{ id: '61', policy: 'random', trafficAllocation: [{ entityId: '3', endOfRange: 5000 }], experiments: [rule('3', 'grouped')] }],
    rollouts: [{ id: 'r', experiments: [rule('4', 'delivery')] }],
    featureFlags: [
      { id: '81', key: 'tested', rolloutId: '', experimentIds: ['1', '2'], variables: [{ id: '71', key: 'text', type: 'string', defaultValue: 'default' }] },
      { id: '82', key: 'delivered', rolloutId: 'r', experimentIds: [], variables: [{ id: '71', key: 'text', type: 'string', defaultValue: 'default' }] },
    ],
    audiences: [{ id: '51', name: 'gold', conditions: JSON.stringify(conditions) }], typedAudiences: [{ id: '52', name: 'gold', conditions }],
    attributes: [{ id: '91', key: 'plan' }], events: [{ id: '95', key: 'purchase', experimentIds: [] }], integrations: [{ key: 'other' }],
    holdouts: [{ ...rule('5', 'held'), status: 'Draft' }], localHoldouts: [{ ...rule('6', 'held here'), includedRules: ['1'], trafficAllocation: [] }],
  };
  const names = path.split('.');
  const last = /** @type {string} */ (names.pop());
  const owner = names.reduce((/** @type {any} */ part, name) => part[name], datafile);
  owner[last] = value;
  return datafile;
}

/** @param {Record<string, any>} datafile @returns {import('./scenario.js').Scenario} */
function scenarioOf(datafile) {
  const users = ['u1', 'u2', 'u3', 'u4'].map((id) => ({ id, attributes: { plan: 'gold' } }));
  const onClient = (/** @type {string} */ method, /** @type {any[]} */ ...args) => ({ on: /** @type {const} */ ('client'), method, args });
  return {
    datafile, client: { processor: 'forwarding' }, users,
    calls: [
      ...users.flatMap(({ id, attributes }, on) => [
        ...[[], ['INCLUDE_REASONS'], ['ENABLED_FLAGS_ONLY']].map((options) => ({ on, method: 'decideAll', args: [options] })),
        ...['tested', 'delivered'].flatMap((key) => [onClient('isFeatureEnabled', key, id, attributes), onClient('getFeatureVariable', key, 'text', id, attributes), onClient('getAllFeatureVariables', key, id, attributes)]),
        ...['alone', 'targeted', 'grouped'].map((key) => onClient('activate', key, id, attributes)),
        onClient('getEnabledFeatures', id, attributes), onClient('track', 'purchase', id, attributes),
      ]),
      onClient('getOptimizelyConfig'),
    ],
  };
}

const booleans = ['true', 'false', 1, 0, '', null, undefined, [], {}];

const ends = ['5000', ' 5000\n', '0x1388', '5e3', '+5000.5', '-5000', '5000x', '', 'Infinity', true, null, undefined, {}];

const lists = [undefined, null, false, 0, '', true, 5, 'x', {}, [null]];

/** What stands in place of what should be there. @type {[path: string, values: unknown[]][]} */
const odd = [
  ['anonymizeIP', booleans], ['sendFlagDecisions', booleans],
  ['experiments.0.variations.0.featureEnabled', booleans], ['rollouts.0.experiments.0.variations.0.featureEnabled', booleans],
  ['experiments.0.trafficAllocation.0.endOfRange', ends], ['groups.0.trafficAllocation.0.endOfRange', ends], ['rollouts.0.experiments.0.trafficAllocation.0.endOfRange', ends],
  ...[
    'experiments', 'experiments.0.variations', 'groups', 'groups.0.experiments', 'rollouts', 'featureFlags', 'holdouts', 'holdouts.0.variations',
    'localHoldouts', 'localHoldouts.0.variations', 'audiences', 'typedAudiences', 'attributes', 'events', 'integrations',
  ].map((path) => /** @type {[string, unknown[]]} */ ([path, lists])),
  ['experiments.0', [null, 5, 'x', false]], ['groups.0', [5, 'x', false]], ['typedAudiences.0', [5, 'x', false]], ['attributes.0', [5, 'x', false]], ['events.0', [5, 'x', false]],
  ['rollouts.0.experiments', [true, 5, 'x', {}, [null], [5]]], ['experiments.0.variations.0.variables', [null, 0, 5, 'x', {}]], ['holdouts.0.variations.0.variables', [null, 5, {}]],
  ['featureFlags.0.experimentIds', [true, 5, 'x', {}]], ['featureFlags.0.variables', [undefined, null, 5, {}]],
  ['audiences.0.conditions', [undefined, 5, true, 0, [], {}, ['or'], '5']],
];

for (const [path, values] of odd) {
  for (const value of values) {
    test(`${path} of ${JSON.stringify(value)} is taken or refused as officially`, async () => {
      assert.deepEqual((await compareOne(official, ours, scenarioOf(datafileWith(path, value)))).differences, []);
    });
  }
}
