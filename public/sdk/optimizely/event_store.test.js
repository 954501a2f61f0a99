import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, lend, makeDatafile, ours } from '../testkit.test.js';

const us = await ours;
await us.ready;
await import('./index.js'); // or the first client would have to wait for it

/** @param {'sync' | 'async'} operation @param {Map<string, string>} [kept] */
function makeStore(operation, kept = new Map()) {
  const answer = (/** @type {(...args: any[]) => any} */ act) => (operation === 'sync' ? act : async (/** @type {any[]} */ ...args) => act(...args));
  return {
    kept, operation,
    get: answer((key) => kept.get(key)), set: answer((key, value) => kept.set(key, value)), remove: answer((key) => kept.delete(key)), getKeys: answer(() => [...kept.keys()]),
  };
}

/**
 * @param {Record<string, unknown>} options of the processor
 * @param {{status?: number, revision?: string, logger?: unknown, disposable?: boolean}} [settings]
 */
function makeClient(options, { status = 200, revision = '7', ...config } = {}) {
  /** @type {Inbox<string[]>} */
  const sent = new Inbox();
  const dispatchEvent = async (/** @type {any} */ { params }) => {
    sent.push(params.visitors.map((/** @type {any} */ visitor) => visitor.visitor_id));
    return { statusCode: status };
  };
  const client = us.createInstance({
    projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile({ revision }) }),
    eventProcessor: us.createBatchEventProcessor({ eventDispatcher: { dispatchEvent }, maxRetries: 0, ...options }),
    ...config,
  });
  return { client, sent };
}

/** An earlier visit whose events did not get through. @param {any} eventStore @param {string[]} users @param {string} [revision] */
async function mustFail(eventStore, users, revision) {
  const { client } = makeClient({ eventStore, batchSize: 1 }, { status: 500, revision, disposable: true });
  for (const user of users) client.track('purchase', user);
  await client.close();
}

for (const operation of /** @type {const} */ (['sync', 'async'])) {
  test(`${operation}: an event is kept until it was sent`, async () => {
    const eventStore = makeStore(operation);
    const { client } = makeClient({ eventStore });
    client.track('purchase', 'u1');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(eventStore.kept.size, 1);
    assert.match([...eventStore.kept.keys()][0], /^sortition_events:/);
    await client.close();
    assert.equal(eventStore.kept.size, 0);
  });

  test(`${operation}: what one visit could not send the next one does, oldest first, revisions apart`, async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() }); // all within a millisecond
    const eventStore = makeStore(operation);
    await mustFail(eventStore, ['u1', 'u2'], '6');
    await mustFail(eventStore, ['u3']);
    assert.equal(eventStore.kept.size, 3);
    const { client, sent } = makeClient({ eventStore });
    assert.deepEqual(await sent.atLeast(2), [['u1', 'u2'], ['u3']]);
    await client.close();
    assert.equal(eventStore.kept.size, 0);
  });
}

test('what was given up is sent again every twenty seconds, and nothing that waits goes twice', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const eventStore = makeStore('sync');
  const statuses = [500, 200];
  /** @type {Inbox<string[]>} */
  const sent = new Inbox();
  const dispatchEvent = async (/** @type {any} */ { params }) => {
    sent.push(params.visitors.map((/** @type {any} */ visitor) => visitor.visitor_id));
    return { statusCode: statuses[sent.items.length - 1] };
  };
  const { client } = makeClient({ eventStore, eventDispatcher: { dispatchEvent }, batchSize: 2 });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (const user of ['u1', 'u2', 'u3']) client.track('purchase', user);
  await turn();
  assert.deepEqual([sent.items, eventStore.kept.size], [[['u1', 'u2']], 2]);
  for (let i = 0; i < 2; i++) {
    t.mock.timers.tick(20_000);
    await turn();
    assert.deepEqual([sent.items, eventStore.kept.size], [[['u1', 'u2'], ['u1', 'u2']], 1]);
  }
  await client.close(); // sends u3
  t.mock.timers.tick(20_000);
  await turn();
  assert.deepEqual(sent.items.slice(2), [['u3']]);
});

test('the events of one task are kept with one write for each batch, before any is sent', async () => {
  const eventStore = makeStore('sync');
  /** @type {string[][]} */
  const log = [];
  const set = (/** @type {string} */ key, /** @type {string} */ value) => {
    eventStore.kept.set(key, value);
    log.push(['kept', ...JSON.parse(value).visitors.map((/** @type {any} */ visitor) => visitor.visitor_id)]);
  };
  const dispatchEvent = async (/** @type {any} */ { params }) => {
    log.push(['sent', ...params.visitors.map((/** @type {any} */ visitor) => visitor.visitor_id)]);
    return { statusCode: 200 };
  };
  const { client } = makeClient({ eventStore: { ...eventStore, set }, eventDispatcher: { dispatchEvent }, batchSize: 3 });
  for (const user of ['u1', 'u2', 'u3', 'u4', 'u5']) client.track('purchase', user);
  assert.deepEqual(log, []);
  await new Promise((resolve) => setImmediate(resolve));
  await client.close();
  assert.deepEqual(log, [['kept', 'u1', 'u2', 'u3'], ['kept', 'u4', 'u5'], ['sent', 'u1', 'u2', 'u3'], ['sent', 'u4', 'u5']]);
  assert.equal(eventStore.kept.size, 0);
});

test('what is kept is what was not sent, also where only a part of what was kept together went', async () => {
  const eventStore = makeStore('sync');
  const first = makeClient({ eventStore, batchSize: 3 }, { status: 500 });
  for (const user of ['u1', 'u2', 'u3']) first.client.track('purchase', user);
  await first.client.close();
  assert.equal(eventStore.kept.size, 1);
  const dispatchEvent = async (/** @type {any} */ { params }) => ({ statusCode: params.visitors.length === 2 ? 200 : 500 });
  const { client } = makeClient({ eventStore, eventDispatcher: { dispatchEvent }, batchSize: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  await client.close();
  const third = makeClient({ eventStore });
  assert.deepEqual(await third.sent.atLeast(1), [['u3']]);
  await third.client.close();
  assert.equal(eventStore.kept.size, 0);
});

test('a page that goes has its events kept within the call', async (t) => {
  const eventStore = makeStore('sync');
  /** @type {(answer: {statusCode: number}) => void} */
  let answer = () => {};
  const dispatchEvent = () => new Promise((resolve) => (answer = resolve));
  const window = new EventTarget();
  lend(t, { window });
  const { client } = makeClient({ eventStore, eventDispatcher: { dispatchEvent } });
  client.track('purchase', 'u1');
  window.dispatchEvent(new Event('pagehide'));
  assert.equal(eventStore.kept.size, 1);
  answer({ statusCode: 200 });
  await client.close();
  assert.equal(eventStore.kept.size, 0);
});

test('what is under way does not go again meanwhile, and close waits for it', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const eventStore = makeStore('sync');
  await mustFail(eventStore, ['u1']);
  /** @type {Inbox<(answer: {statusCode: number}) => void>} */
  const underWay = new Inbox();
  const dispatchEvent = () => new Promise((resolve) => underWay.push(resolve));
  const { client } = makeClient({ eventStore, eventDispatcher: { dispatchEvent } });
  const [answer] = await underWay.atLeast(1);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(20_000);
  await turn();
  assert.equal(underWay.items.length, 1);
  let isClosed = false;
  const closing = client.close().then(() => (isClosed = true));
  await turn();
  assert.equal(isClosed, false);
  answer({ statusCode: 200 });
  await closing;
  assert.equal(eventStore.kept.size, 0);
});

test('what is too old, damaged or of someone else is not sent', async () => {
  const eventStore = makeStore('sync', new Map([['sortition_events:1', '{bad'], ['sortition_events:2', '{}'], ['optly_event:3', 'theirs']]));
  await mustFail(eventStore, ['u1']);
  const { client, sent } = makeClient({ eventStore, storeTtl: -1000 });
  await new Promise((resolve) => setImmediate(resolve));
  await client.close();
  assert.deepEqual([sent.items, [...eventStore.kept.keys()]], [[], ['optly_event:3']]);
});

test('a store that fails is told of, and events are sent all the same', async () => {
  const fail = () => {
    throw new Error('quota exceeded');
  };
  /** @type {Inbox<string>} */
  const lines = new Inbox();
  const logger = us.createLogger({ level: us.WARN, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });
  const { client, sent } = makeClient({ eventStore: { operation: 'sync', get: fail, set: fail, remove: fail, getKeys: fail }, batchSize: 1 }, { logger });
  client.track('purchase', 'u1');
  assert.deepEqual(await sent.atLeast(1), [['u1']]);
  assert.equal((await lines.atLeast(1))[0], 'BatchEventProcessor: The event store failed: quota exceeded');
  await client.close();
});

test('a page keeps its events in localStorage, unless it says otherwise', async (t) => {
  /** @type {Record<string, any>} */
  const localStorage = Object.create({
    getItem: (/** @type {string} */ key) => localStorage[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (localStorage[key] = value),
    removeItem: (/** @type {string} */ key) => delete localStorage[key],
  });
  lend(t, { document: {}, localStorage });
  await mustFail(null, ['u1']);
  assert.deepEqual(Object.keys(localStorage), []);
  await mustFail(undefined, ['u2']);
  assert.equal(Object.keys(localStorage).length, 1);
  const { client, sent } = makeClient({});
  assert.deepEqual(await sent.atLeast(1), [['u2']]);
  await client.close();
  assert.deepEqual(Object.keys(localStorage), []);
});
