import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, lend, makeDatafile, mustServe } from '../testkit.test.js';
import { lendLines, makeClient } from './testkit.test.js';

/**
 * Where no websocket gets through: answers the datafile by HTTP, in turn, as the relay would.
 * @param {import('node:test').TestContext} t
 * @param {string[]} datafiles the last one for ever
 */
async function mustServeByHTTP(t, datafiles) {
  const requests = new Inbox();
  let served = 0;
  const url = await mustServe(t, (request, response) => {
    const datafile = datafiles[Math.min(served++, datafiles.length - 1)];
    const etag = `"${String(datafiles.indexOf(datafile)).padStart(16, '0')}-gz"`;
    requests.push(request.headers['if-none-match'] ?? '');
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(datafile);
  });
  return { url, requests };
}

test('a page that polls again is sent what it had while it polled before', async (t) => {
  const lines = lendLines(t);
  const etag = `"${'7'.repeat(16)}"`;
  const fetch = async (/** @type {string} */ _, /** @type {{headers: Headers}} */ { headers }) => (
    headers.get('if-none-match') === etag ? new Response(null, { status: 304 }) : new Response(makeDatafile(), { headers: { etag } })
  );
  lend(t, { fetch });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { states } = makeClient(t, { relayUrl: 'http://127.0.0.1:9' });
  const [line] = await lines.atLeast(1);
  t.mock.timers.tick(3000);
  await states.first(({ status, revision }) => status === 'polling' && revision === '7');
  line.say({ type: 'datafile', revision: '8', hash: '8'.repeat(16) }, makeDatafile({ revision: '8' }));
  await states.first(({ status, revision }) => status === 'live' && revision === '8');
  states.items = [];
  line.onclose({ code: 1006, reason: '' });
  t.mock.timers.tick(3000);
  assert.equal((await states.first(({ status }) => status === 'polling')).revision, '7');
});

test('without websockets the datafile is polled, and only sent when it changed', async (t) => {
  const window = new EventTarget();
  lend(t, { window, WebSocket: undefined });
  const { url, requests } = await mustServeByHTTP(t, [makeDatafile(), makeDatafile(), makeDatafile({ revision: '8' })]);
  const { states } = makeClient(t, { relayUrl: url });
  assert.deepEqual(await states.first(({ status }) => status === 'polling'), { status: 'polling', revision: '7', hash: '0000000000000000' });
  window.dispatchEvent(new Event('online'));
  await requests.atLeast(2);
  assert.equal(requests.items[1], '"0000000000000000-gz"');
  window.dispatchEvent(new Event('online'));
  assert.equal((await states.first(({ revision }) => revision === '8')).hash, '0000000000000002');
});

test('on a slow line a whole datafile may be as long on its way as onReady waits', async (t) => {
  lend(t, { WebSocket: undefined });
  /** @type {Inbox<import('node:http').ServerResponse>} */
  const responses = new Inbox();
  const relayUrl = await mustServe(t, (_, response) => responses.push(response.writeHead(200)));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, states } = makeClient(t, { relayUrl });
  const [response] = await responses.atLeast(1);
  t.mock.timers.tick(29_999);
  response.end(makeDatafile());
  assert.equal((await states.first(({ status }) => status !== 'connecting')).status, 'polling');
  assert.equal(client.getVariation('ab', 'Matt'), 'b');
});

test('a page that polls asks every fifteen seconds, with its token, and says so whatever becomes of its websockets', async (t) => {
  const lines = lendLines(t);
  /** @type {(string | null)[]} */
  const tokens = [];
  const fetch = async (/** @type {string} */ _, /** @type {{headers: Headers}} */ { headers }) => {
    const count = tokens.push(headers.get('authorization'));
    return count === 2 ? new Response(null, { status: 304 }) : new Response(makeDatafile({ revision: String(count) }));
  };
  lend(t, { fetch });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { states } = makeClient(t, { relayUrl: 'http://127.0.0.1:9', token: 'secret' });
  t.mock.timers.tick(3000);
  await states.first(({ status, revision }) => status === 'polling' && revision === '1');
  lines.items[0].onclose({ code: 1006, reason: '' });
  while (tokens.length < 3) {
    t.mock.timers.tick(15_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await states.first(({ revision }) => revision === '3');
  assert.deepEqual(tokens, Array(3).fill('Bearer secret'));
  assert.deepEqual(states.items.map(({ status }) => status), ['connecting', 'polling', 'polling']);
});

for (const [status, what] of /** @type {const} */ ([[404, 'an unknown sdkKey'], [401, 'a missing token']])) {
  test(`without websockets ${what} is said to be the fault at once, and what comes later decides`, async (t) => {
    const window = new EventTarget();
    lend(t, { window, WebSocket: undefined });
    let isConfigured = false;
    const url = await mustServe(t, (_, response) => (isConfigured ? response.end(makeDatafile()) : response.writeHead(status).end()));
    const { client, states } = makeClient(t, { relayUrl: url });
    await assert.rejects(client.onReady(), /no project with this sdkKey, or wants another token/);
    const { fault, status: told } = states.items.at(-1);
    assert.deepEqual([told, fault], ['offline', 'key']);
    isConfigured = true;
    window.dispatchEvent(new Event('online'));
    await states.first(({ revision }) => revision === '7');
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });
}

test('where websockets fail again and again the datafile is polled meanwhile', async (t) => {
  t.mock.method(Math, 'random', () => 0); // no waits between attempts
  /** @type {Inbox<string>} */
  const attempts = new Inbox();
  lend(t, {
    WebSocket: class {
      constructor() {
        attempts.push('attempt');
        throw new Error('blocked');
      }
    },
  });
  const { url } = await mustServeByHTTP(t, [makeDatafile()]);
  const { client, states } = makeClient(t, { relayUrl: url });
  await client.onReady();
  assert.deepEqual(await states.first(({ revision }) => revision === '7'), { status: 'polling', revision: '7', hash: '0000000000000000' });
  assert.deepEqual(states.items.slice(0, 2).map(({ status }) => status), ['connecting', 'reconnecting']);
  await attempts.atLeast(3);
});

test('each datafile that decides is handed over as text, once', async (t) => {
  const window = new EventTarget();
  lend(t, { window, WebSocket: undefined });
  const { url } = await mustServeByHTTP(t, [makeDatafile(), '{bad', makeDatafile({ revision: '8' })]);
  /** @type {string[]} */
  const told = [];
  const { client, states } = makeClient(t, { relayUrl: url, onDatafile: (/** @type {string} */ datafile) => told.push(datafile) });
  await client.onReady();
  window.dispatchEvent(new Event('online'));
  assert.equal((await states.first(({ error }) => error !== undefined)).fault, 'datafile');
  window.dispatchEvent(new Event('online'));
  await states.first(({ revision }) => revision === '8');
  assert.deepEqual(told, [makeDatafile(), makeDatafile({ revision: '8' })]);
});

test('a bad datafile is told, and the good one stays', async (t) => {
  const window = new EventTarget();
  lend(t, { window, WebSocket: undefined });
  const { url } = await mustServeByHTTP(t, [makeDatafile(), '{bad']);
  const { client, states } = makeClient(t, { relayUrl: url });
  await client.onReady();
  window.dispatchEvent(new Event('online'));
  const { revision, error } = await states.first((state) => state.error !== undefined);
  assert.equal(revision, '7');
  assert.match(error, /^datafile: /);
  assert.equal(client.getVariation('ab', 'Matt'), 'b');
});

test('a relay that cannot be reached is offline, with the reason', async (t) => {
  lend(t, { WebSocket: undefined });
  const { states, warnings } = makeClient(t, { relayUrl: 'http://127.0.0.1:9' });
  assert.match((await states.first(({ status }) => status === 'offline')).error, /cannot be reached/);
  assert.deepEqual(warnings, ['RelayProjectConfigManager: The relay at http://127.0.0.1:9 cannot be reached.']);
});

test('what a proxy answers in the place of a relay that is away is no datafile', async (t) => {
  lend(t, { WebSocket: undefined });
  const relayUrl = await mustServe(t, (_, response) => response.writeHead(503).end(makeDatafile()));
  const { client, states } = makeClient(t, { relayUrl });
  const told = await states.first(({ error }) => error !== undefined);
  assert.deepEqual([told.status, told.fault, told.error], ['offline', 'relay', 'The relay answers 503 for the datafile.']);
  assert.equal(client.getVariation('ab', 'Matt'), null);
});
