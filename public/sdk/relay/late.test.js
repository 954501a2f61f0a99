import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, lend, makeDatafile, mustServe, ours } from '../testkit.test.js';

const us = await ours;
await us.ready;

test('events before the code for the relay is there go with the page that leaves, and are sent in order should it come back; after close none is taken, and what was goes with the page too', async (t) => {
  const window = new EventTarget();
  /** @type {{url: string, visitor: string}[]} */
  const beacons = [];
  const sendBeacon = (/** @type {string} */ url, /** @type {string} */ body) => {
    beacons.push({ url, visitor: JSON.parse(body).visitors[0].visitor_id });
    return true;
  };
  lend(t, { window, navigator: { sendBeacon } });
  /** @type {Inbox<string[]>} */
  const requests = new Inbox();
  const relayUrl = await mustServe(t, (_, response, text) => {
    requests.push(JSON.parse(text).visitors.map((/** @type {any} */ visitor) => visitor.visitor_id));
    response.writeHead(204).end();
  });
  const makeClient = (/** @type {(state: any) => void} */ onEvent) => us.createInstance({
    projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }),
    eventProcessor: us.createRelayEventProcessor({ relayUrl, onEvent }),
  });
  /** @type {Inbox<any>} */
  const events = new Inbox();
  const client = makeClient((state) => events.push(state));
  const dispatched = new Inbox();
  client.notificationCenter.addNotificationListener('LOG_EVENT', (/** @type {any} */ { url }) => dispatched.push(url));
  for (const user of ['u1', 'u2', 'u3']) client.track('purchase', user);
  assert.deepEqual(events.items, []); // nothing is loaded within the call
  window.dispatchEvent(new Event('pagehide'));
  const url = `${relayUrl}/v1/events`;
  assert.deepEqual(beacons, ['u1', 'u2', 'u3'].map((visitor) => ({ url, visitor })));
  assert.deepEqual(dispatched.items, [url, url, url]);
  // Its code is not there either, and comes in the same turn.
  const closed = makeClient(() => {});
  closed.track('purchase', 'u4');
  const closing = closed.close();
  closed.track('purchase', 'late');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(beacons.splice(3).map(({ visitor }) => visitor), ['u1', 'u2', 'u3', 'u4']);
  await closing;
  assert.ok(requests.items.flat().includes('u4'));
  await events.first(({ status }) => status === 'safe');
  assert.deepEqual(requests.items.sort(), [['u1', 'u2', 'u3'], ['u4']]);
  await client.close();
});
