import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as official from '@optimizely/optimizely-sdk';
import { compareOne } from './conformance.js';

const ours = await import(String(new URL('../../../public/sdk/index.js', import.meta.url)));
await ours.ready;
const vectors = new URL('../../../wasm/engine/enginetest/testdata/vectors.json', import.meta.url);

/**
 * Every call that can be made of a golden case.
 * @param {any} golden
 * @returns {import('./scenario.js').Scenario}
 */
function makeScenario({ datafile, user_id: id, attributes, keys, options, set_forced_variation: forced = [], forced_decisions: decisions = [] }) {
  const experiments = [...datafile.experiments, ...(datafile.groups ?? []).flatMap((/** @type {any} */ group) => group.experiments)];
  const variables = datafile.featureFlags.flatMap((/** @type {any} */ flag) => flag.variables.map((/** @type {any} */ variable) => [flag.key, variable.key]));
  const onClient = (/** @type {string} */ method, /** @type {any[]} */ ...args) => ({ on: /** @type {const} */ ('client'), method, args });
  const onUser = (/** @type {string} */ method, /** @type {any[]} */ ...args) => ({ on: 0, method, args });
  return {
    datafile, client: { processor: 'forwarding', profiles: { kind: 'good', stored: {} } }, users: [{ id, attributes }],
    calls: [
      ...forced.map((/** @type {any} */ { experimentKey, userId, variationKey }) => onClient('setForcedVariation', experimentKey, userId, variationKey)),
      ...decisions.map((/** @type {any} */ { flagKey, ruleKey, variationKey }) => onUser('setForcedDecision', ruleKey === null ? { flagKey } : { flagKey, ruleKey }, { variationKey })),
      ...[options, [], ['INCLUDE_REASONS', 'ENABLED_FLAGS_ONLY', 'DISABLE_DECISION_EVENT']].flatMap((chosen) => [
        ...keys.map((/** @type {string} */ key) => onUser('decide', key, chosen)), onUser('decideForKeys', [...keys, 'unknown', ...keys], chosen), onUser('decideAll', chosen),
      ]),
      ...datafile.featureFlags.flatMap(({ key = '' }) => [onClient('isFeatureEnabled', key, id, attributes), onClient('getAllFeatureVariables', key, id, attributes)]),
      ...variables.map((/** @type {string[]} */ [flag, variable]) => onClient('getFeatureVariable', flag, variable, id, attributes)),
      ...experiments.flatMap(({ key }) => [onClient('getVariation', key, id, attributes), onClient('activate', key, id, attributes), onClient('getForcedVariation', key, id)]),
      onClient('getEnabledFeatures', id, attributes), onClient('getOptimizelyConfig'),
    ],
  };
}

for (const golden of JSON.parse(readFileSync(vectors, 'utf8')).decisions.cases) {
  test(golden.name, async () => {
    assert.deepEqual((await compareOne(official, ours, makeScenario(golden))).differences, []);
  });
}
