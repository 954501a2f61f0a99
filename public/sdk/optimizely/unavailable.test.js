import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, loseModule, makeDatafile, ours } from '../testkit.test.js';

const us = await ours;
await us.ready;

loseModule('/optimizely/index.js');

/** @type {Inbox<string>} */
const lines = new Inbox();
const logger = us.createLogger({ level: us.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });

test('events are sent without the code that would send them, what fails with the next one', async () => {
  /** @type {Inbox<string[]>} */
  const sent = new Inbox();
  let isBroken = false;
  const dispatchEvent = async (/** @type {any} */ { params }) => {
    sent.push(params.visitors.map((/** @type {any} */ visitor) => visitor.visitor_id));
    return { statusCode: isBroken ? 500 : 200 };
  };
  const client = us.createInstance({
    projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }),
    eventProcessor: us.createBatchEventProcessor({ eventDispatcher: { dispatchEvent } }),
    logger,
  });
  for (const user of ['u1', 'u2']) client.track('purchase', user);
  await sent.atLeast(1);
  assert.equal((await lines.atLeast(1))[0], "BatchEventProcessor: The SDK's code for polling and batches could not be loaded: no network");
  isBroken = true;
  client.track('purchase', 'u3');
  assert.equal((await lines.atLeast(2))[1], 'BatchEventProcessor: Failed to dispatch events, status: 500');
  isBroken = false;
  client.track('purchase', 'u4');
  assert.deepEqual(sent.items, [['u1', 'u2'], ['u3'], ['u3', 'u4']]);
  await client.close();
});

test('a client that would poll says why it will not become ready', async () => {
  const client = us.createInstance({ projectConfigManager: us.createPollingProjectConfigManager({ sdkKey: 'test' }) });
  await assert.rejects(client.onReady(), /code for polling and batches could not be loaded: no network/);
  await client.close();
});

test("a client with a datafile of the application's own decides by that, and is told", async () => {
  const before = lines.items.length;
  const client = us.createInstance({
    projectConfigManager: us.createPollingProjectConfigManager({ sdkKey: 'test', datafile: makeDatafile() }),
    logger,
  });
  await client.onReady();
  assert.equal(client.getVariation('only-us', 'u1', { country: 'us' }), 'on');
  const told = (await lines.atLeast(before + 1)).slice(before);
  assert.deepEqual(told, ["ProjectConfigManager: The SDK's code for polling and batches could not be loaded: no network"]);
  await client.close();
});
