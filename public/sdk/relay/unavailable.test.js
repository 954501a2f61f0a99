import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lend, loseModule, makeDatafile, ours } from '../testkit.test.js';

const us = await ours;
await us.ready;

loseModule('/relay/index.js');

test('what a client took is left with the browser when it is closed without the code that would send it', async (t) => {
  /** @type {string[]} */
  const visitors = [];
  const sendBeacon = (/** @type {string} */ _, /** @type {string} */ body) => visitors.push(JSON.parse(body).visitors[0].visitor_id) > 0;
  lend(t, { navigator: { sendBeacon } });
  /** @type {string[]} */
  const lines = [];
  const client = us.createInstance({
    projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }),
    eventProcessor: us.createRelayEventProcessor({ relayUrl: 'http://relay.example' }),
    logger: us.createLogger({ level: us.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } }),
  });
  for (const user of ['u1', 'u2']) client.track('purchase', user);
  await client.close();
  assert.deepEqual(visitors, ['u1', 'u2']);
  assert.deepEqual(lines, ["RelayEventProcessor: The SDK's code for the relay could not be loaded: no network"]);
});
