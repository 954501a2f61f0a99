import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, makeDatafile, mustServe, ours } from '../testkit.test.js';

const us = await ours;
await us.ready;

/** @param {Record<string, unknown>} options of the processor */
function makeClient(options) {
  return us.createInstance({
    projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }),
    eventProcessor: us.createBatchEventProcessor(options),
  });
}

/** @param {(attempt: number) => number} [status] */
function makeDispatcher(status = () => 200) {
  /** @type {Inbox<string[]>} */
  const sent = new Inbox();
  return {
    sent,
    async dispatchEvent(/** @type {any} */ { params }) {
      sent.push(params.visitors.map((/** @type {any} */ visitor) => visitor.visitor_id));
      return { statusCode: status(sent.items.length) };
    },
  };
}

/** @param {any} client */
function trackThree(client) {
  for (const user of ['u1', 'u2', 'u3']) client.track('purchase', user);
}

// The code is loaded once in a process. So all that happens before it is there happens here, within one turn.
const waiting = makeDispatcher();
const patient = makeClient({ eventDispatcher: waiting, batchSize: 2, flushInterval: 30 });
trackThree(patient);

const quick = makeDispatcher();
const closing = makeClient({ eventDispatcher: quick, batchSize: 2 });
/** @type {number[]} */
const heard = [];
closing.notificationCenter.addNotificationListener('LOG_EVENT', (/** @type {any} */ { params }) => heard.push(params.visitors.length));
trackThree(closing);
const closed = closing.close();
closing.track('purchase', 'late');
const sentByClosing = [...quick.sent.items];

const window = new EventTarget();
Object.assign(globalThis, { window });
const refusing = makeDispatcher((attempt) => (attempt === 1 ? 500 : 200));
const leaving = makeClient({ eventDispatcher: refusing, batchSize: 5, flushInterval: 5 });
Reflect.deleteProperty(globalThis, 'window');
trackThree(leaving);
window.dispatchEvent(new Event('pagehide'));
const left = [...refusing.sent.items];

/** @type {Inbox<string>} */
const requests = new Inbox();
const closedPolling = us.createInstance({ projectConfigManager: us.createPollingProjectConfigManager({ sdkKey: 'closed', urlTemplate: 'http://127.0.0.1:1/%s' }) });
closedPolling.close();

test('events from before the code is there are sent in their order, in the same batches', async () => {
  await waiting.sent.atLeast(2);
  assert.deepEqual(waiting.sent.items, [['u1', 'u2'], ['u3']]);
  await patient.close();
});

test('closing before the code is there sends all within the call, and takes no more', async () => {
  assert.deepEqual(sentByClosing, [['u1', 'u2'], ['u3']]);
  await closed;
  assert.deepEqual(quick.sent.items, sentByClosing);
  assert.deepEqual(heard, [2, 1]);
});

test('what a page that leaves cannot hand over is sent once the code is there', async () => {
  assert.deepEqual(left, [['u1', 'u2', 'u3']]);
  await refusing.sent.atLeast(2);
  assert.deepEqual(refusing.sent.items[1], ['u1', 'u2', 'u3']);
  await leaving.close();
});

test('a client that was closed before the code is there asks for no datafile', async (t) => {
  const url = await mustServe(t, (request, response) => {
    requests.push(String(request.url));
    response.end(makeDatafile());
  });
  await assert.rejects(closedPolling.onReady(), /stopped before running/);
  const client = us.createInstance({ projectConfigManager: us.createPollingProjectConfigManager({ sdkKey: 'open', urlTemplate: `${url}/%s` }) });
  await client.onReady();
  assert.deepEqual(requests.items, ['/open']);
  await client.close();
});
