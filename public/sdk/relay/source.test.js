import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Inbox, lend, makeDatafile } from '../testkit.test.js';
import { Logger } from '../lib/logger.js';
import { RelaySource } from './source.js';
import { lendLines, makeClient } from './testkit.test.js';

test('a source that is stopped by what it tells as it starts follows nothing', async (t) => {
  const window = new EventTarget();
  lend(t, { window });
  const lines = lendLines(t);
  const logger = new Logger(0, { log: () => {} });
  const source = new RelaySource({ relayUrl: 'http://127.0.0.1:9', sdkKey: 'test', onState: () => source.stop() });
  source.start(/** @type {any} */ ({ logger, revision: () => null }));
  assert.deepEqual([lines.items, getEventListeners(window, 'online')], [[], []]);
});

test('a page that no datafile decides for asks for it again when its network is back: what failed may have been the engine’s load', async (t) => {
  const window = new EventTarget();
  lend(t, { window });
  const lines = lendLines(t);
  /** @type {Inbox<any>} */
  const states = new Inbox();
  const source = new RelaySource({ relayUrl: 'http://127.0.0.1:9', sdkKey: 'test', onState: (state) => states.push(state) });
  t.after(() => source.stop());
  const errors = [new Error('the engine could not be fetched')];
  source.start(/** @type {any} */ ({ logger: new Logger(0, { log: () => {} }), revision: () => null, offer: async () => errors.shift() }));
  const [line] = await lines.atLeast(1);
  /** @type {unknown[]} */
  const asked = [];
  line.send = (/** @type {string} */ text) => asked.push(JSON.parse(text).have);
  const give = () => line.say({ type: 'datafile', revision: '7', hash: '7'.repeat(16) }, makeDatafile());
  give();
  await states.first(({ error }) => error !== undefined);
  window.dispatchEvent(new Event('online'));
  give();
  await states.first(({ status, error }) => status === 'live' && error === undefined);
  window.dispatchEvent(new Event('online'));
  assert.deepEqual(asked, [null, '7'.repeat(16)]);
});

test('a delta that is from another datafile, or damaged, has the whole sent', async (t) => {
  const lines = lendLines(t);
  const { client, states } = makeClient(t, { relayUrl: 'http://127.0.0.1:9' });
  const [line] = await lines.atLeast(1);
  const [one, two] = ['1', '2'].map((digit) => digit.repeat(16));
  line.say({ type: 'datafile', revision: '7', hash: one }, makeDatafile());
  await states.first(({ status }) => status === 'live');
  for (const from of [two, one]) {
    line.sent.length = 0;
    line.say({ type: 'delta', revision: '8', hash: '3'.repeat(16), from }, 'rubbish that is no delta');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(line.sent, ['resync']);
  }
  line.say({ type: 'datafile', revision: '8', hash: two }, makeDatafile({ revision: '8' }));
  await states.first(({ revision }) => revision === '8');
  line.sent.length = 0;
  line.say({ type: 'delta', revision: '8', hash: two, from: one }, 'the same again, as an answer');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(line.sent, []);
  assert.equal(client.getVariation('ab', 'Matt'), 'b');
});

test('a page that someone may look at asks every half minute whether it has the newest', async (t) => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  /** @type {string[]} */
  const fetched = [];
  lend(t, { document, fetch: async (/** @type {string} */ url) => fetched.push(url) });
  const lines = lendLines(t);
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { states } = makeClient(t, { relayUrl: 'http://127.0.0.1:9' });
  const [line] = await lines.atLeast(1);
  line.say({ type: 'datafile', revision: '7', hash: '7'.repeat(16) }, makeDatafile());
  await states.first(({ status }) => status === 'live');
  document.visibilityState = 'hidden';
  t.mock.timers.tick(30_000);
  assert.deepEqual(line.sent, []);
  document.visibilityState = 'visible';
  t.mock.timers.tick(30_000);
  assert.deepEqual(line.sent, ['check']);
  document.dispatchEvent(new Event('visibilitychange'));
  assert.deepEqual([line.sent, fetched], [['check', 'check'], []], 'and when it comes to be seen, of the line that it has');
  t.mock.timers.tick(5000); // a line that died in silence
  assert.equal(states.items.at(-1).status, 'reconnecting');
});

test('a notice that waits is forgotten when the relay says or sends something newer', async (t) => {
  const lines = lendLines(t);
  /** @type {string[]} */
  const fetched = [];
  const fetch = async (/** @type {string} */ url) => {
    fetched.push(url);
    return new Response(makeDatafile({ revision: '9' }), { headers: { etag: `"${'9'.repeat(16)}"` } });
  };
  lend(t, { fetch });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { states } = makeClient(t, { relayUrl: 'http://127.0.0.1:9' });
  const notice = { type: 'notice', revision: '8', hash: '8'.repeat(16), url: 'http://127.0.0.1:9/8.json', spreadMs: 10_000 };
  const [line] = await lines.atLeast(1);
  line.say(notice);
  line.onclose({ code: 1006, reason: '' });
  await states.first(({ status, revision }) => status === 'polling' && revision === '9');
  t.mock.timers.tick(10_000);
  assert.deepEqual(fetched, ['http://127.0.0.1:9/datafiles/test.json']);

  const [, next] = await lines.atLeast(2);
  next.say(notice);
  next.say({ type: 'current', revision: '9', hash: '9'.repeat(16) }); // what the notice told of was taken back
  t.mock.timers.tick(10_000);
  assert.equal(fetched.length, 1);
});

test('what something on the way answers in the place of a noticed datafile has the relay send it', async (t) => {
  const lines = lendLines(t);
  lend(t, { fetch: async () => new Response('<h1>Please log in</h1>') });
  const { states } = makeClient(t, { relayUrl: 'http://127.0.0.1:9' });
  const [line] = await lines.atLeast(1);
  line.say({ type: 'datafile', revision: '7', hash: '7'.repeat(16) }, makeDatafile());
  line.say({ type: 'notice', revision: '8', hash: '8'.repeat(16), url: 'http://127.0.0.1:9/8.json', spreadMs: 0 });
  await states.first(({ fault }) => fault === 'datafile');
  assert.deepEqual(line.sent, ['resync']);
  line.say({ type: 'datafile', revision: '8', hash: '8'.repeat(16) }, makeDatafile({ revision: '8' }));
  assert.equal((await states.first(({ revision }) => revision === '8')).error, undefined);
});
