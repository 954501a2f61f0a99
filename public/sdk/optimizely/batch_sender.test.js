import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, lend, makeDatafile, mustServe, official, ours } from '../testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

/**
 * @param {any} sdk
 * @param {Record<string, unknown>} options
 * @param {Record<string, unknown>} [config]
 */
function makeClient(sdk, options, config) {
  return sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }),
    eventProcessor: sdk.createBatchEventProcessor(options),
    ...config,
  });
}

/**
 * @param {(attempt: number) => number | undefined} [status] undefined: the dispatcher fails
 */
function makeDispatcher(status = () => 200) {
  /** @type {Inbox<{visitors: string[], uuids: string[]}>} */
  const sent = new Inbox();
  return {
    sent,
    async dispatchEvent(/** @type {any} */ { params }) {
      sent.push({
        visitors: params.visitors.map((/** @type {any} */ visitor) => visitor.visitor_id),
        uuids: params.visitors.map((/** @type {any} */ visitor) => visitor.snapshots[0].events[0].uuid),
      });
      const statusCode = status(sent.items.length);
      if (statusCode === undefined) throw new Error('no network');
      return { statusCode };
    },
  };
}

for (const [name, sdk] of /** @type {const} */ ([['ours', us], ['the official SDK', them]])) {
  test(`${name}: a full batch is sent at once, the rest after the interval`, async () => {
    const dispatcher = makeDispatcher();
    const client = makeClient(sdk, { eventDispatcher: dispatcher, batchSize: 2, flushInterval: 30 });
    for (const user of ['u1', 'u2', 'u3', 'u4', 'u5']) client.track('purchase', user);
    await dispatcher.sent.atLeast(3);
    assert.deepEqual(dispatcher.sent.items.map(({ visitors }) => visitors), [['u1', 'u2'], ['u3', 'u4'], ['u5']]);
    await client.close();
  });

  test(`${name}: one dispatch is told of once, after the calls whose events it carries`, async () => {
    const dispatcher = makeDispatcher((attempt) => (attempt < 3 ? 500 : 200));
    const client = makeClient(sdk, { eventDispatcher: dispatcher, batchSize: 2 });
    /** @type {unknown[]} */
    const heard = [];
    for (const type of ['TRACK', 'LOG_EVENT']) client.notificationCenter.addNotificationListener(type, () => heard.push(type));
    client.track('purchase', 'u1');
    client.track('purchase', 'u2');
    await dispatcher.sent.atLeast(3);
    assert.deepEqual(heard, ['TRACK', 'TRACK', 'LOG_EVENT']);
    await client.close();
  });

  test(`${name}: a failed dispatch is tried twice more with the same events, then given up`, async () => {
    for (const status of [() => 500, () => undefined]) {
      const dispatcher = makeDispatcher(status);
      /** @type {Inbox<string>} */
      const errors = new Inbox();
      const logger = sdk.createLogger({ level: sdk.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => errors.push(line) } });
      const client = makeClient(sdk, { eventDispatcher: dispatcher, batchSize: 1 }, { logger });
      client.track('purchase', 'u1');
      assert.match((await errors.atLeast(1))[0], /^BatchEventProcessor: (Failed to dispatch events, status: 500|no network)$/);
      assert.equal(dispatcher.sent.items.length, 3);
      assert.equal(new Set(dispatcher.sent.items.map(({ uuids }) => uuids[0])).size, 1);
      await client.close();
    }
  });

  test(`${name}: events of two revisions never share a request`, async (t) => {
    let revision = 1;
    const url = await mustServe(t, (_, response) => response.end(makeDatafile({ revision: String(revision) })));
    const dispatcher = makeDispatcher();
    const client = sdk.createInstance({
      projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'test', urlTemplate: `${url}/%s`, updateInterval: 5 }),
      eventProcessor: sdk.createBatchEventProcessor({ eventDispatcher: dispatcher, batchSize: 3, flushInterval: 50 }),
    });
    await client.onReady({ timeout: 2000 });
    client.track('purchase', 'u1');
    const updated = new Promise((resolve) => client.notificationCenter.addNotificationListener('OPTIMIZELY_CONFIG_UPDATE', resolve));
    revision = 2;
    await updated;
    client.track('purchase', 'u2');
    await dispatcher.sent.atLeast(2);
    assert.deepEqual(dispatcher.sent.items.map(({ visitors }) => visitors), [['u1'], ['u2']]);
    await client.close();
  });

  test(`${name}: sizes and intervals that are none give way to the defaults`, () => {
    /** @type {string[]} */
    const lines = [];
    const logger = sdk.createLogger({ level: sdk.WARN, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });
    makeClient(sdk, { batchSize: 0, flushInterval: -1 }, { logger }).close();
    assert.deepEqual(lines, [
      'BatchEventProcessor: Invalid flushInterval -1, defaulting to 30000',
      'BatchEventProcessor: Invalid batchSize 0, defaulting to 10',
    ]);
  });
}

test('closing sends what is waiting through the closing dispatcher, and takes no more', async () => {
  const dispatcher = makeDispatcher();
  const closing = makeDispatcher();
  const client = makeClient(us, { eventDispatcher: dispatcher, closingEventDispatcher: closing });
  client.track('purchase', 'u1');
  await client.close();
  client.track('purchase', 'u2');
  assert.deepEqual(closing.sent.items.map(({ visitors }) => visitors), [['u1']]);
  assert.equal(dispatcher.sent.items.length, 0);
});

test('closing gives a failed batch the attempt it was waiting for', async () => {
  const dispatcher = makeDispatcher((attempt) => (attempt === 1 ? 500 : 200));
  const client = makeClient(us, { eventDispatcher: dispatcher, batchSize: 1 });
  client.track('purchase', 'u1');
  await dispatcher.sent.atLeast(1);
  await new Promise((resolve) => setImmediate(resolve)); // the answer is heard, the wait has begun
  await client.close();
  assert.equal(dispatcher.sent.items.length, 2);
});

test('a disposable client holds nothing back', async () => {
  const dispatcher = makeDispatcher();
  const client = makeClient(us, { eventDispatcher: dispatcher, batchSize: 10 }, { disposable: true });
  client.track('purchase', 'u1');
  assert.deepEqual((await dispatcher.sent.atLeast(1))[0].visitors, ['u1']);
  await client.close();
});

test('the default dispatcher posts JSON and gives the status', async (t) => {
  const requests = new Inbox();
  const url = await mustServe(t, (request, response, body) => {
    requests.push([request.method, request.headers['content-type'], JSON.parse(body)]);
    response.writeHead(204).end();
  });
  assert.deepEqual(await us.eventDispatcher.dispatchEvent({ url, httpVerb: 'POST', params: { visitors: [] } }), { statusCode: 204 });
  assert.deepEqual(requests.items, [['POST', 'application/json', { visitors: [] }]]);
  await assert.rejects(us.eventDispatcher.dispatchEvent({ url, httpVerb: 'GET', params: {} }), /Only POST/);
});

test('a page that goes has its events left through the closing dispatcher within the call', async (t) => {
  const window = new EventTarget();
  lend(t, { window });
  const closing = makeDispatcher();
  const client = makeClient(us, { eventDispatcher: makeDispatcher(), closingEventDispatcher: closing });
  client.track('purchase', 'u1');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(closing.sent.items.map(({ visitors }) => visitors), [['u1']]);
  await client.close();
  client.track('purchase', 'u2');
  window.dispatchEvent(new Event('pagehide'));
  assert.equal(closing.sent.items.length, 1, 'a closed client hears of nothing');
});

test('a page that goes leaves its events as beacons, unless the application has a dispatcher of its own', async (t) => {
  const window = new EventTarget();
  /** @type {string[]} */
  const beacons = [];
  lend(t, { window, navigator: { sendBeacon: (/** @type {string} */ url) => beacons.push(url) } });
  const own = makeDispatcher();
  const clients = [{}, { eventDispatcher: own }].map((options) => makeClient(us, options));
  for (const client of clients) client.track('purchase', 'u1');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual([beacons, own.sent.items.length], [['https://logx.optimizely.com/v1/events'], 1]);
  for (const client of clients) await client.close();
});

test('in a page events wait for no more than a second', (t) => {
  lend(t, { document: {} });
  const lines = new Inbox();
  const logger = us.createLogger({ level: us.WARN, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });
  makeClient(us, { flushInterval: 0, eventStore: null }, { logger }).close();
  assert.deepEqual(lines.items, ['BatchEventProcessor: Invalid flushInterval 0, defaulting to 1000']);
});

test('beacons carry events as JSON where the browser has them', async (t) => {
  assert.equal(us.getSendBeaconEventDispatcher(), them.getSendBeaconEventDispatcher());
  /** @type {[string, Blob][]} */
  const beacons = [];
  lend(t, { navigator: { sendBeacon: (/** @type {string} */ url, /** @type {Blob} */ body) => beacons.push([url, body]) === 1 } });
  const dispatcher = us.getSendBeaconEventDispatcher();
  assert.deepEqual(await dispatcher.dispatchEvent({ url: 'http://events', httpVerb: 'POST', params: { visitors: [] } }), {});
  assert.deepEqual([beacons[0][0], beacons[0][1].type, await beacons[0][1].text()], ['http://events', 'application/json', '{"visitors":[]}']);
  await assert.rejects(dispatcher.dispatchEvent({ url: 'http://events', httpVerb: 'POST', params: {} }), /sendBeacon failed/);
});
