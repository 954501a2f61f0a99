/** Clients in the hands of other libraries, which make objects of their own of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDatafile, official, ours } from './testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

/** @type {Record<string, (client: any) => any>} */
const ways = {
  'an object that inherits from it, as React SDK 4 makes': (client) => Object.create(client),
  'a proxy of it': (client) => new Proxy(client, {}),
};

/** What a client answers and tells. @param {any} sdk @param {(client: any) => any} wrap */
async function answersOf(sdk, wrap) {
  /** @type {string[]} */
  const heard = [];
  const dispatcher = { dispatchEvent: async () => ({ statusCode: 200 }) };
  const client = wrap(sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }), eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
  }));
  for (const type of Object.values(sdk.NOTIFICATION_TYPES)) client.notificationCenter.addNotificationListener(type, () => heard.push(type));
  await client.onReady();
  const user = client.createUserContext('u1', { country: 'de' });
  const answers = [
    client.activate('ab', 'u1'), client.getVariation('ab', 'u2'), client.track('purchase', 'u1'), client.isFeatureEnabled('flag', 'u1'),
    client.getAllFeatureVariables('flag', 'u1'), client.getEnabledFeatures('u1'), client.setForcedVariation('ab', 'u1', 'b'),
    client.getForcedVariation('ab', 'u1'), client.getOptimizelyConfig()?.revision, client.isOdpIntegrated(), client.getVuid(),
    user.decide('flag').variationKey, (await user.decideAsync('flag')).enabled, user.trackEvent('purchase'),
  ];
  await client.close();
  return { answers, heard };
}

for (const [name, wrap] of Object.entries(ways)) {
  test(`a client answers as officially through ${name}`, async () => {
    assert.deepEqual(await answersOf(us, wrap), await answersOf(them, wrap));
  });
}

test('Vue is told to wrap neither a client, nor its notification center, nor a user', () => {
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
  for (const given of [client, client.notificationCenter, client.createUserContext('u1')]) assert.equal(given.__v_skip, true);
});
