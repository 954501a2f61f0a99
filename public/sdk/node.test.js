/** The entry for Node, which has its engine from the start. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as sdk from './node.js';
import { makeDatafile, official } from './testkit.test.js';

/** What a client of a static config manager answers within the task that makes it. @param {any} of */
function answersAtOnce(of) {
  const client = of.createInstance({ projectConfigManager: of.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
  return [client.getVariation('ab', 'Matt'), client.createUserContext('Matt').decide('flag').variationKey];
}

const atOnce = answersAtOnce(sdk);

test('a client of a static config manager decides right after createInstance, as officially', async () => {
  assert.deepEqual(atOnce, answersAtOnce(await official));
  assert.notEqual(atOnce[0], null);
});

test('so it does for who requires the SDK', () => {
  assert.deepEqual(answersAtOnce(createRequire(import.meta.url)('./node.js')), atOnce);
});

test('ready resolves, and every name is that of the other entry', async () => {
  await sdk.ready;
  assert.deepEqual(Object.keys(sdk), Object.keys(await import('./index.js')));
});
