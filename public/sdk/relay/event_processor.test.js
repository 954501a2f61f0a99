import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Inbox, Storage, lend, makeDatafile, mustMakeFolder, mustServe, mustStartRelay, ours } from '../testkit.test.js';
import { relayCode } from './late.js';

const us = await ours;
await us.ready;
await relayCode.with(() => {}); // or what a test sees would hang on whether another was before it

/** @typedef {{status?: number, headers?: Record<string, string>, body?: object}} Answer */

/**
 * A relay that answers as told, and keeps what it got.
 * @param {import('node:test').TestContext} t
 * @param {(attempt: number, visitors: string[]) => Answer} [answer]
 */
async function mustServeEvents(t, answer = () => ({})) {
  /** @type {Inbox<{url?: string, type?: string, visitors: string[], uuids: string[]}>} */
  const requests = new Inbox();
  const url = await mustServe(t, (request, response, text) => {
    const { visitors } = JSON.parse(text);
    const ids = visitors.map((/** @type {any} */ visitor) => visitor.visitor_id);
    const uuids = visitors.map((/** @type {any} */ visitor) => visitor.snapshots[0].events[0].uuid);
    const { status = 204, headers = {}, body } = answer(requests.items.length + 1, ids);
    response.writeHead(status, headers).end(body && JSON.stringify(body));
    requests.push({ url: request.url, type: request.headers['content-type'], visitors: ids, uuids });
  });
  return { url, requests };
}

/**
 * @param {import('node:test').TestContext} t closes it
 * @param {string} relayUrl
 * @param {object} [options] further ones of the processor
 * @param {object} [polling] options, for a datafile that changes
 */
function makeClient(t, relayUrl, options, polling) {
  /** @type {Inbox<any>} */
  const events = new Inbox();
  const client = us.createInstance({
    projectConfigManager: polling ? us.createPollingProjectConfigManager(polling) : us.createStaticProjectConfigManager({ datafile: makeDatafile() }),
    eventProcessor: us.createRelayEventProcessor({
      relayUrl, sdkKey: 'test key', onEvent: (/** @type {any} */ state) => events.push(state), ...options,
    }),
  });
  t.after(() => client.close());
  return { client, events };
}

/** @param {Inbox<any>} events @param {string} uuid */
function stepsOf(events, uuid) {
  return events.items.filter((state) => state.uuid === uuid).map(({ status }) => status);
}

test('events go in batches of ten, at once when full, and each step of each is told', async (t) => {
  const { url, requests } = await mustServeEvents(t);
  const { client, events } = makeClient(t, url);
  for (let i = 1; i <= 12; i++) client.track('purchase', `u${i}`);
  client.activate('ab', 'u13');
  const [first, second] = await requests.atLeast(2);
  assert.equal(first.url, '/v1/events?sdkKey=test+key');
  assert.match(first.type ?? '', /^text\/plain/);
  assert.deepEqual([first.visitors.length, second.visitors], [10, ['u11', 'u12', 'u13']]);
  const last = await events.first(({ kind, status }) => kind === 'impression' && status === 'safe');
  assert.deepEqual(stepsOf(events, last.uuid), ['queued', 'sent', 'safe']);
  assert.ok(events.items.every(({ uuid, kind }) => kind === (uuid === last.uuid ? 'impression' : 'conversion')));
  assert.equal(events.items.filter(({ status }) => status === 'safe').length, 13);
});

test('events wait for others until ten are there or their time is up, unless the page is hidden', async (t) => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  lend(t, { document });
  const { url, requests } = await mustServeEvents(t);
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'first'); // what comes while the queue is looked at for the first time waits for that
  await events.first(({ status }) => status === 'safe');
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const track = async (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) {
      client.track('purchase', 'u');
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const sizes = async (/** @type {number} */ count) => {
    await events.first(() => events.items.filter(({ status }) => status === 'safe').length === count);
    return requests.items.map(({ visitors }) => visitors.length);
  };
  await track(10);
  assert.deepEqual(await sizes(11), [1, 10]);
  await track(3);
  t.mock.timers.tick(200);
  assert.deepEqual(await sizes(14), [1, 10, 3]);
  await track(2);
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  assert.deepEqual(await sizes(16), [1, 10, 3, 2]);
  await track(1);
  assert.deepEqual(await sizes(17), [1, 10, 3, 2, 1]);
});

test('no event, and no page that is hidden, cuts short what the relay asked to wait', async (t) => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  lend(t, { document });
  const { url, requests } = await mustServeEvents(t, () => ({ status: 503, headers: { 'retry-after': '200' } }));
  const states = new Inbox();
  const { client } = makeClient(t, url, { onQueue: (/** @type {any} */ state) => states.push(state) });
  client.track('purchase', 'first');
  await states.first(({ retryAt }) => retryAt !== undefined);
  for (let i = 0; i < 20; i++) client.track('purchase', `u${i}`);
  document.dispatchEvent(new Event('visibilitychange'));
  await client.close();
  assert.equal(requests.items.length, 2); // close makes the last attempt
});

test('what cannot be kept is sent again with the same uuids, not before the relay asked for it', async (t) => {
  const { url, requests } = await mustServeEvents(t, (attempt) => (attempt === 1 ? { status: 503, headers: { 'retry-after': '1' }, body: { error: 'the disk is full' } } : {}));
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'u1');
  const started = Date.now();
  const { uuid } = await events.first(({ status }) => status === 'safe');
  assert.ok(Date.now() - started >= 1000);
  assert.deepEqual(requests.items.map(({ uuids }) => uuids), [[uuid], [uuid]]);
  assert.deepEqual(stepsOf(events, uuid), ['queued', 'sent', 'queued', 'sent', 'safe']);
  assert.equal((await events.first(({ error }) => error)).error, 'the disk is full');
  client.track('purchase', 'u2');
  await events.first((state) => state.status === 'safe' && state.uuid !== uuid);
});

test('a relay may ask for a pause in seconds or by a date, but for no more than five minutes', async (t) => {
  t.mock.method(Math, 'random', () => 0); // no waits of our own
  const window = new EventTarget();
  lend(t, { window });
  const now = Date.now();
  const pauses = [['2', 2000, 2000], [new Date(now + 60_000).toUTCString(), 55_000, 60_000], ['86400', 300_000, 300_000], ['soon', 0, 0]];
  const { url } = await mustServeEvents(t, (attempt) => ({ status: 503, headers: { 'retry-after': String(pauses[attempt - 1]?.[0] ?? 60) } }));
  /** @type {Inbox<any>} */
  const states = new Inbox();
  const { client } = makeClient(t, url, { onQueue: (/** @type {any} */ state) => states.push(state) });
  client.track('purchase', 'u1');
  for (const [header, least, most] of pauses) {
    const { retryAt } = await states.first((state) => state.retryAt !== undefined);
    assert.ok(now + Number(least) <= retryAt && retryAt <= Date.now() + Number(most), `${header}: ${retryAt - now} ms`);
    states.items = [];
    window.dispatchEvent(new Event('online'));
  }
});

test('a bad event takes no good one with it', async (t) => {
  const refusal = { status: 400, body: { error: 'uuid is too long', field: 'visitors[0]' } };
  const { url } = await mustServeEvents(t, (_, visitors) => (visitors.includes('bad') ? refusal : {}));
  const { client, events } = makeClient(t, url);
  for (const user of ['u1', 'bad', 'u2']) client.track('purchase', user);
  await events.first(({ uuid }) => stepsOf(events, uuid).includes('safe') && events.items.filter(({ status }) => status === 'safe').length === 2);
  const refused = events.items.filter(({ status }) => status === 'refused');
  assert.deepEqual(refused.map(({ error }) => error), ['uuid is too long (visitors[0])']);
});

for (const [what, status, body, error] of /** @type {[string, number, object, string][]} */ ([
  ['a login page on the way', 200, ['<html>'], 'Something other than the relay answers 200.'],
  ['a proxy that finds the page’s cookies too large', 400, ['<html>'], 'Something other than the relay answers 400.'],
  ['a gateway that has errors of its own', 400, { error: { code: 400 } }, 'Something other than the relay answers 400.'],
  ['a firewall', 403, ['<html>'], 'Something other than the relay answers 403.'],
  ['a host without its relay', 404, ['<html>'], 'Something other than the relay answers 404.'],
  ['a relay that does not allow the origin yet', 403, { error: 'not from there' }, 'not from there'],
  ['a relay that does not have the project yet', 404, { error: 'no such project' }, 'no such project'],
])) {
  test(`${what} neither keeps an event nor refuses it`, async (t) => {
    const { url, requests } = await mustServeEvents(t, (attempt) => (attempt === 1 ? { status, headers: { 'retry-after': '0' }, body } : {}));
    const { client, events } = makeClient(t, url);
    client.track('purchase', 'u1');
    const { uuid } = await events.first((state) => state.status === 'safe');
    assert.deepEqual(requests.items.map(({ uuids }) => uuids), [[uuid], [uuid]]);
    assert.deepEqual(stepsOf(events, uuid), ['queued', 'sent', 'queued', 'sent', 'safe']);
    assert.equal((await events.first((state) => state.error)).error, error);
  });
}

test('what is too large for a proxy goes event by event, and takes no other with it', async (t) => {
  const { url } = await mustServeEvents(t, (_, visitors) => (visitors.includes('large') ? { status: 413, body: ['<html>'] } : {}));
  const { client, events } = makeClient(t, url);
  for (const user of ['u1', 'large', 'u2']) client.track('purchase', user);
  await events.first(() => events.items.filter(({ status }) => status === 'safe').length === 2);
  const refused = events.items.filter(({ status }) => status === 'refused');
  assert.deepEqual(refused.map(({ error }) => error), ['Something other than the relay answers 413.']);
});

test('a relay that is away is tried again, at once when the network is back', async (t) => {
  const window = new EventTarget();
  lend(t, { window });
  let away = true;
  const { url } = await mustServeEvents(t, () => (away ? { status: 503, headers: { 'retry-after': '200' } } : {}));
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'u1');
  await events.first(({ error }) => error !== undefined);
  away = false;
  window.dispatchEvent(new Event('online'));
  await events.first(({ status }) => status === 'safe');
});

test('an event that comes just as the last one is safe is sent too', async (t) => {
  const { url } = await mustServeEvents(t);
  const safe = new Inbox();
  const { client } = makeClient(t, url, {
    onEvent: (/** @type {any} */ { status }) => {
      if (status !== 'safe') return;
      if (safe.items.length === 0) queueMicrotask(() => client.track('purchase', 'u2'));
      safe.push(status);
    },
  });
  client.track('purchase', 'u1');
  await safe.atLeast(2);
});

test('after a success the next failure is waited out for as little as the first', async (t) => {
  t.mock.method(Math, 'random', () => 1);
  const window = new EventTarget();
  lend(t, { window });
  const { url } = await mustServeEvents(t, (attempt) => (attempt === 2 ? {} : { status: 503 }));
  /** @type {Inbox<any>} */
  const states = new Inbox();
  const { client } = makeClient(t, url, { onQueue: (/** @type {any} */ state) => states.push(state) });
  for (const user of ['u1', 'u2']) {
    client.track('purchase', user);
    const { retryAt } = await states.first((state) => state.retryAt !== undefined);
    assert.ok(retryAt <= Date.now() + 500);
    window.dispatchEvent(new Event('online'));
    if (user === 'u1') await states.first(({ waiting }) => waiting === 0);
    states.items = [];
  }
});

test('what fails after the network is back is tried again at once', async (t) => {
  const window = new EventTarget();
  lend(t, { window });
  const { url } = await mustServeEvents(t, (attempt) => {
    if (attempt > 1) return {};
    window.dispatchEvent(new Event('online'));
    return { status: 503, headers: { 'retry-after': '200' } };
  });
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'u1');
  await events.first(({ status }) => status === 'safe');
});

test('requests go by the application’s own fetch', async (t) => {
  const { url, requests } = await mustServeEvents(t);
  let broken = true;
  const own = (/** @type {string} */ to, /** @type {RequestInit} */ init) => (broken ? Promise.reject(new TypeError('cut')) : fetch(to, init));
  const { client, events } = makeClient(t, url, { fetch: own });
  client.track('purchase', 'u1');
  assert.match((await events.first(({ error }) => error)).error, /cannot be reached: cut/);
  broken = false;
  const { uuid } = await events.first(({ status }) => status === 'safe');
  assert.deepEqual(requests.items.map(({ uuids }) => uuids), [[uuid]]);
});

test('an address where nobody listens leaves events queued, and close does not wait for ever', async (t) => {
  const { client, events } = makeClient(t, 'http://127.0.0.1:9');
  client.track('purchase', 'u1');
  assert.match((await events.first(({ error }) => error)).error, /cannot be reached/);
  await client.close();
});

test('close sends what is waiting, and takes no more', async (t) => {
  const [window, document] = [new EventTarget(), new EventTarget()];
  lend(t, { window, document });
  const { url, requests } = await mustServeEvents(t);
  const { client, events } = makeClient(t, url);
  for (let i = 0; i < 25; i++) client.track('purchase', `u${i}`);
  await client.close();
  client.track('purchase', 'late');
  assert.equal(requests.items.flatMap(({ visitors }) => visitors).length, 25);
  assert.equal(events.items.filter(({ status }) => status === 'safe').length, 25);
  assert.equal(new Set(events.items.map(({ uuid }) => uuid)).size, 25);
  for (const type of ['pagehide', 'pageshow', 'online']) assert.deepEqual(getEventListeners(window, type), []);
  for (const type of ['visibilitychange', 'freeze', 'resume']) assert.deepEqual(getEventListeners(document, type), []);
});

test('a page that goes leaves what waits with the browser, in bodies it will take, and sends it again should it come back', async (t) => {
  const window = new EventTarget();
  /** @type {{url: string, body: string}[]} */
  const beacons = [];
  const sendBeacon = (/** @type {string} */ url, /** @type {string} */ body) => beacons.push({ url, body }) < 3; // the last is one too many
  lend(t, { window, navigator: { sendBeacon } });
  const { url, requests } = await mustServeEvents(t);
  const { client, events } = makeClient(t, url);
  let dispatched = 0;
  client.notificationCenter.addNotificationListener('LOG_EVENT', () => dispatched++);
  for (let i = 0; i < 9; i++) client.track('purchase', `u${i}`, undefined, { note: '€'.repeat(5000) });
  window.dispatchEvent(new Event('pagehide'));
  assert.equal(beacons[0].url, `${url}/v1/events?sdkKey=test+key`);
  assert.deepEqual(beacons.map(({ body }) => JSON.parse(body).visitors.length), [3, 3, 3]);
  for (const { body } of beacons) assert.ok(Buffer.byteLength(body) <= 60_000);
  assert.deepEqual([dispatched, events.items.filter(({ status }) => status === 'sent').length], [2, 6]);
  await events.first(({ status }) => status === 'safe');
  assert.equal(requests.items[0].visitors.length, 9);
});

test('a page that goes leaves nothing with the browser that is under way', async (t) => {
  const window = new EventTarget();
  /** @type {string[]} */
  const beacons = [];
  lend(t, { window, navigator: { sendBeacon: (/** @type {string} */ _, /** @type {string} */ body) => beacons.push(body) } });
  const { client, events } = makeClient(t, await mustServe(t, () => {}));
  client.track('purchase', 'under way');
  await events.first(({ status }) => status === 'sent');
  client.track('purchase', 'waits');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(beacons.map((body) => JSON.parse(body).visitors.map((/** @type {any} */ visitor) => visitor.visitor_id)), [['waits']]);
});

test('what waits when a client is closed leaves with the browser should the page go before it is sent', async (t) => {
  const window = new EventTarget();
  /** @type {string[]} */
  const beacons = [];
  lend(t, { window, navigator: { sendBeacon: (/** @type {string} */ _, /** @type {string} */ body) => beacons.push(body) } });
  const { url } = await mustServeEvents(t);
  /** @type {any} */
  let client;
  const closeFirst = () => client.close(); // of an application that listened before there was a client
  window.addEventListener('pagehide', closeFirst);
  ({ client } = makeClient(t, url));
  client.track('purchase', 'waits');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(beacons.map((body) => JSON.parse(body).visitors[0].visitor_id), ['waits']);
});

test('what is tracked while the page goes leaves with the browser at once, until the page is back', async (t) => {
  const window = new EventTarget();
  /** @type {string[]} */
  const beacons = [];
  lend(t, { window, navigator: { sendBeacon: (/** @type {string} */ _, /** @type {string} */ body) => beacons.push(body) } });
  const { url, requests } = await mustServeEvents(t);
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'before');
  await events.first(({ status }) => status === 'safe');
  window.dispatchEvent(new Event('pagehide'));
  for (const id of ['meanwhile', 'at last']) client.track('purchase', id);
  assert.deepEqual(beacons.map((body) => JSON.parse(body).visitors.map((/** @type {any} */ visitor) => visitor.visitor_id)), [['meanwhile'], ['at last']]);
  window.dispatchEvent(new Event('pageshow'));
  client.track('purchase', 'back');
  await events.first(() => events.items.filter(({ status }) => status === 'safe').length === 4);
  assert.equal(beacons.length, 2);
  assert.deepEqual(requests.items.flatMap(({ visitors }) => visitors), ['before', 'meanwhile', 'at last', 'back']);
});

test('a page that goes leaves what is not stored to the next one, which sends it again', { timeout: 60_000 }, async (t) => {
  const [window, localStorage] = [new EventTarget(), new Storage()];
  lend(t, { window, localStorage, navigator: { sendBeacon: () => true } });
  const { url, requests } = await mustServeEvents(t, (attempt) => (attempt === 1 ? { status: 503, headers: { 'retry-after': '300' } } : {}));
  const gone = makeClient(t, url);
  gone.client.track('purchase', 'tried');
  await gone.events.first(({ error }) => error !== undefined);
  gone.client.track('purchase', 'new');
  window.dispatchEvent(new Event('pagehide'));
  lend(t, { window: new EventTarget() });
  assert.equal(Object.keys(localStorage).length, 1);
  makeClient(t, url);
  const { visitors, uuids } = await requests.first((request) => request.visitors.length === 2);
  assert.deepEqual(visitors, ['tried', 'new']);
  assert.deepEqual(uuids, [...new Set(gone.events.items.map(({ uuid }) => uuid))]);
  assert.deepEqual(Object.keys(localStorage), []);
});

test('what lies in the place of events that were left, and is none, is cleared away', async (t) => {
  const localStorage = new Storage();
  lend(t, { localStorage });
  const { url, requests } = await mustServeEvents(t);
  for (const [i, text] of ['{bad', '{}', 'null', '[7]', '[{}]'].entries()) localStorage.setItem(`sortition-left:${url}/v1/events?sdkKey=test+key:${i}`, text);
  localStorage.setItem('another', 'text');
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'u1');
  await events.first(({ status }) => status === 'safe');
  assert.deepEqual(requests.items.flatMap(({ visitors }) => visitors), ['u1']);
  assert.deepEqual(Object.keys(localStorage), ['another']);
});

test('events of two revisions share no request', async (t) => {
  const window = new EventTarget();
  /** @type {any[]} */
  const beacons = [];
  lend(t, { window, navigator: { sendBeacon: (/** @type {string} */ _, /** @type {string} */ body) => beacons.push(JSON.parse(body)) } });
  const { url, requests } = await mustServeEvents(t, (attempt) => (attempt === 1 ? { status: 503, headers: { 'retry-after': '200' } } : {}));
  const newer = await mustServe(t, (_, response) => response.end(makeDatafile({ revision: '8' })));
  const { client, events } = makeClient(t, url, undefined, { datafile: makeDatafile(), sdkKey: 'test', urlTemplate: newer });
  const updated = new Promise((resolve) => client.notificationCenter.addNotificationListener('OPTIMIZELY_CONFIG_UPDATE', resolve));
  client.track('purchase', 'u1');
  await Promise.all([updated, events.first(({ error }) => error !== undefined)]);
  client.track('purchase', 'u2');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(beacons.map(({ revision, visitors }) => [revision, visitors.length]), [['7', 1], ['8', 1]]);
  window.dispatchEvent(new Event('online'));
  await events.first(() => events.items.filter(({ status }) => status === 'safe').length === 2);
  assert.deepEqual(requests.items.map(({ visitors }) => visitors), [['u1'], ['u1'], ['u2']]);
});

test('when the queue is full the oldest goes, and is told', async (t) => {
  const { url } = await mustServeEvents(t, () => ({ status: 503, headers: { 'retry-after': '200' } }));
  const { client, events } = makeClient(t, url);
  client.track('purchase', 'first');
  const { uuid } = events.items[0];
  await events.first(({ error }) => error !== undefined);
  for (let i = 0; i < 1000; i++) client.track('purchase', `u${i}`);
  const refused = events.items.filter(({ status }) => status === 'refused');
  assert.deepEqual(refused, [{ uuid, kind: 'conversion', status: 'refused', error: 'The queue is full.' }]);
});

test('what the relay had before is told as a duplicate', async (t) => {
  const { url } = await mustServeEvents(t, () => ({ headers: { 'x-duplicates': '0,2' } }));
  const { client, events } = makeClient(t, url);
  for (let i = 0; i < 3; i++) client.track('purchase', `u${i}`);
  await events.first(({ uuid }) => uuid === events.items[2].uuid && stepsOf(events, uuid).length === 3);
  const last = events.items.slice(0, 3).map(({ uuid }) => stepsOf(events, uuid)[2]);
  assert.deepEqual(last, ['duplicate', 'safe', 'duplicate']);
});

for (const [name, { navigator, optOut }] of Object.entries({
  'Global Privacy Control': { navigator: { globalPrivacyControl: true }, optOut: undefined },
  'an opt-out': { navigator: {}, optOut: () => true },
  'an opt-out that cannot be told': { navigator: {}, optOut: () => { throw new Error('localStorage is denied'); } },
})) {
  test(`${name} stops events but not decisions`, async (t) => {
    lend(t, { window: new EventTarget(), navigator: { ...navigator, sendBeacon: () => assert.fail('a beacon was sent') } });
    const { url, requests } = await mustServeEvents(t);
    const { client, events } = makeClient(t, url, { optOut });
    assert.equal(client.activate('ab', 'u1'), 'b');
    globalThis.window.dispatchEvent(new Event('pagehide'));
    await client.close();
    const [{ uuid, ...told }, ...others] = events.items;
    assert.match(uuid, /^[0-9a-f-]{36}$/);
    assert.deepEqual([told, ...others], [{ kind: 'impression', status: 'refused', error: 'The visitor wants no events sent.' }]);
    assert.equal(requests.items.length, 0);
  });
}

test('an opt-out lets go of what waits', async (t) => {
  let silent = false;
  const window = new EventTarget();
  lend(t, { window, navigator: { sendBeacon: () => assert.fail('a beacon was sent') } });
  const { url, requests } = await mustServeEvents(t);
  const { client, events } = makeClient(t, url, { optOut: () => silent });
  client.track('purchase', 'u1');
  client.track('purchase', 'u2');
  silent = true;
  window.dispatchEvent(new Event('pagehide'));
  await client.close();
  assert.deepEqual(events.items.map(({ status }) => status), ['queued', 'queued', 'refused', 'refused']);
  assert.equal(requests.items.length, 0);
});

test('how the queue stands is told: what waits, what was dropped, and when the next attempt is', async (t) => {
  const { url } = await mustServeEvents(t, (attempt) => (attempt === 1 ? { status: 503, headers: { 'retry-after': '1' } } : {}));
  /** @type {Inbox<any>} */
  const states = new Inbox();
  const { client, events } = makeClient(t, url, { onQueue: (/** @type {any} */ state) => states.push(state) });
  const started = Date.now();
  client.track('purchase', 'first');
  assert.deepEqual(states.items, [{ waiting: 1, dropped: 0 }]);
  const { retryAt } = await states.first((state) => state.retryAt !== undefined);
  assert.ok(started + 1000 <= retryAt && retryAt <= Date.now() + 1000);
  for (let i = 0; i < 1001; i++) client.track('purchase', `u${i}`);
  await states.first(({ waiting, dropped }) => waiting === 0 && dropped === 2);
  assert.equal(events.items.filter(({ status }) => status === 'safe').length, 1000);
});

test('the real relay keeps and counts them', async (t) => {
  const relay = await mustStartRelay(t, { directory: mustMakeFolder() });
  const datafile = await (await fetch(`${relay.url}/datafiles/demo.json`)).text();
  const safe = new Inbox();
  const client = us.createInstance({
    projectConfigManager: us.createStaticProjectConfigManager({ datafile }),
    eventProcessor: us.createRelayEventProcessor({
      relayUrl: relay.url, sdkKey: 'demo', onEvent: (/** @type {any} */ { status }) => status === 'safe' && safe.push(status),
    }),
  });
  assert.notEqual(client.activate('item-sort', 'Matt'), null);
  client.track('item_purchase', 'Matt', undefined, { revenue: 5400 });
  await safe.atLeast(2);
  await client.close();
  let counted = 0;
  while (counted === 0) { // an event is safe before it is counted
    const { experiments } = await (await fetch(`${relay.url}/v1/results/demo`)).json();
    counted = experiments[0].reach.total_count;
  }
  assert.equal(counted, 1);
});
