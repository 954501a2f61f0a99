/** What is large, deep or odd: taken as by the official SDK, or refused with the reason. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDatafile, official, ours, recorder } from './testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

/** @param {string} datafile */
async function mustGetReady(datafile) {
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile }) });
  await client.onReady({ timeout: 10_000 });
  return client;
}

/** @param {number} depth @returns {unknown} a tree of conditions that is so deep */
function nested(depth) {
  return depth === 0 ? { name: 'country', type: 'custom_attribute', match: 'exact', value: 'us' } : ['and', nested(depth - 1)];
}

/** @param {unknown} conditions */
function projectFor(conditions) {
  return makeDatafile({ typedAudiences: [{ id: '501', name: 'us', conditions }] });
}

test('a datafile of 1000 flags and more than two megabytes is taken', async () => {
  const of = Array.from({ length: 1000 }, (_, index) => index);
  const variables = (/** @type {number} */ flag) => of.slice(0, 8).map((index) => ({ id: `7${flag}${index}`, key: `variable_${index}`, type: 'string', defaultValue: 'x'.repeat(100) }));
  const datafile = makeDatafile({
    experiments: of.map((index) => ({
      id: `3${index}`, key: `experiment_${index}`, status: 'Running', layerId: `2${index}`, audienceIds: [], forcedVariations: {},
      trafficAllocation: [{ entityId: `4${index}`, endOfRange: 10000 }],
      variations: [{ id: `4${index}`, key: 'on', featureEnabled: true, variables: variables(index).map(({ id }) => ({ id, value: 'y'.repeat(50) })) }],
    })),
    featureFlags: of.map((index) => ({ id: `1${index}`, key: `flag_${index}`, rolloutId: '', experimentIds: [`3${index}`], variables: variables(index) })),
  });
  assert.ok(datafile.length > 2e6, `${datafile.length} bytes`);
  const client = await mustGetReady(datafile);
  assert.equal(client.getVariation('experiment_999', 'Matt'), 'on');
  await client.close();
});

test('conditions nested 400 deep are evaluated as officially, and 1000 deep are refused with the reason', async () => {
  for (const sdk of [us, them]) {
    const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: projectFor(nested(400)) }) });
    assert.deepEqual([client.getVariation('only-us', 'u', { country: 'us' }), client.getVariation('only-us', 'u', { country: 'de' })], ['on', null]);
    await client.close();
  }
  await assert.rejects(mustGetReady(projectFor(nested(1000))), (/** @type {any} */ error) => {
    assert.equal(error.message, 'got invalid datafile');
    assert.match(error.cause.message, /^datafile: line 1, column \d+ \(typedAudiences\[0\]\.conditions\[1\].*\.\.\.\): nested deeper than 500 levels$/);
    assert.ok(error.cause.message.length < 300);
    return true;
  });
});

test('a user id of a megabyte is decided and sent as officially', async () => {
  const megabyte = '😀é'.repeat(2 ** 20 / 6);
  const logs = await Promise.all([us, them].map(async (sdk) => {
    const { log, dispatcher } = recorder(sdk);
    const client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }), eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
    });
    for (const user of [megabyte, `${megabyte}x`, `${megabyte}\ud800`]) {
      log.push(client.getVariation('ab', user), client.activate('ab', user, { country: user }), client.track('purchase', user) ?? 'tracked');
    }
    await client.close();
    return log;
  }));
  assert.deepEqual(logs[0], logs[1]);
});

const odd = [NaN, Infinity, -Infinity, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), -0, 5e-324, 1.7976931348623157e308, '😀', '\ud83d', '\ude00', '\u0000', '', 'é', 'e\u0301'];

test('attribute values that JSON has no words for, and texts that are none, match and are sent as officially', async () => {
  const matches = [['exact', '😀'], ['exact', '\ud83d'], ['substring', '\ude00'], ['substring', ''], ['exact', 2 ** 53], ['gt', 0], ['le', -0], ['ge', 2 ** 53], ['exact', 0], ['exists', null], ['exact', 'é']];
  for (const [match, value] of matches) {
    const datafile = projectFor(['or', { name: 'country', type: 'custom_attribute', match, value }]);
    const logs = await Promise.all([us, them].map(async (sdk) => {
      const { log, dispatcher } = recorder(sdk);
      const client = sdk.createInstance({
        projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }), eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
      });
      for (const country of odd) log.push([country, client.activate('only-us', 'Matt', { country })]);
      await client.close();
      return log;
    }));
    assert.deepEqual(logs[0], logs[1], `${match} ${JSON.stringify(value)}`);
  }
});
