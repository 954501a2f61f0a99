import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Inbox, Storage, hasWebSockets, lend, makeDatafile, mustMakeFolder, mustServe, mustServeFile, mustStartRelay, ours, replaceFile } from '../testkit.test.js';
import { Logger } from '../lib/logger.js';
import { relayCode } from './late.js';
import { RelaySource } from './source.js';

const us = await ours;
await us.ready;
const late = await import(String(new URL('../slim.js', import.meta.url)));
await relayCode.with(() => {}); // or what a test sees would hang on whether another was before it

/**
 * @param {import('node:test').TestContext} t closes it
 * @param {Record<string, unknown>} options
 */
function makeClient(t, options) {
  /** @type {Inbox<any>} */
  const states = new Inbox();
  const updates = new Inbox();
  /** @type {string[]} */
  const warnings = [];
  const client = us.createInstance({
    logger: us.createLogger({ level: us.WARN, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => warnings.push(line) } }),
    projectConfigManager: us.createRelayProjectConfigManager({ sdkKey: 'test', onState: (/** @type {any} */ state) => states.push(state), ...options }),
  });
  client.notificationCenter.addNotificationListener('OPTIMIZELY_CONFIG_UPDATE', () => updates.push('update'));
  t.after(() => client.close());
  return { client, states, updates, warnings };
}

/**
 * A relay, and in the page's storage the first half of its datafile under its hash.
 * @param {import('node:test').TestContext} t
 */
async function mustLeaveHalfADatafile(t) {
  const localStorage = new Storage();
  lend(t, { localStorage });
  const relay = await mustServeFile(t);
  const { states } = makeClient(t, { relayUrl: relay.url });
  const { hash } = await states.first(({ status }) => status === 'live');
  localStorage.setItem(`sortition-datafile:${relay.url}:test`, `${hash}\n{"version":"4"`);
  return relay;
}

/** A websocket that tells of each frame it gets: its header, and how large it is. @param {Inbox<any>} frames */
function recording(frames) {
  return class extends WebSocket {
    /** @param {string | URL} url */
    constructor(url) {
      super(url);
      this.addEventListener('message', ({ data }) => {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
        frames.push({ ...JSON.parse(text.split('\n')[0]), size: data.length ?? data.byteLength });
      });
    }
  };
}

if (hasWebSockets(import.meta.url)) {
  test('a page is live once the relay answered, and follows every change, one of the same revision too', async (t) => {
    const relay = await mustServeFile(t);
    const { client, states, updates } = makeClient(t, { relayUrl: relay.url });
    await client.onReady();
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
    const live = await states.first(({ status }) => status === 'live');
    assert.deepEqual({ ...live, hash: live.hash.length }, { status: 'live', revision: '7', hash: 16 });
    assert.deepEqual(states.items[0], { status: 'connecting', revision: null, hash: null });

    relay.write(makeDatafile().replaceAll('"Matt":"b"', '"Matt":"a"'));
    await states.first(({ hash }) => hash !== null && hash !== live.hash);
    assert.equal(client.getVariation('ab', 'Matt'), 'a');
    relay.write(makeDatafile({ revision: '8' }));
    await states.first(({ revision }) => revision === '8');
    assert.equal(updates.items.length, 3);
  });

  test('a change comes as a delta, which the engine applies; after a reload, too', async (t) => {
    const localStorage = new Storage();
    const frames = new Inbox();
    lend(t, { localStorage, WebSocket: recording(frames) });
    const relay = await mustServeFile(t);
    const padding = Array.from({ length: 300 }, (_, i) => ({ id: `9${i}`, key: `event_${i}` }));
    const make = (/** @type {string} */ revision) => JSON.stringify({ ...JSON.parse(makeDatafile({ revision })), padding });
    relay.write(make('8'));
    const { client, states } = makeClient(t, { relayUrl: relay.url });
    const live = await states.first(({ revision, status }) => revision === '8' && status === 'live');
    relay.write(make('9'));
    await states.first(({ revision }) => revision === '9');
    const { type, from, size } = frames.items.at(-1);
    assert.deepEqual([type, from], ['delta', live.hash]);
    assert.ok(size < 150, `${size} bytes`);
    assert.equal(localStorage.getItem(`sortition-datafile:${relay.url}:test`)?.split('\n')[1], make('9'));
    await client.close();

    relay.write(make('10'));
    const again = makeClient(t, { relayUrl: relay.url });
    await again.states.first(({ revision }) => revision === '10');
    await frames.first(({ type: last, revision }) => last === 'delta' && revision === '10');
  });

  test('a page that is told of a datafile fetches it, and has the relay send it where it cannot', async (t) => {
    const frames = new Inbox();
    /** @type {Inbox<string>} */
    const fetched = new Inbox();
    lend(t, { WebSocket: recording(frames) });
    const directory = mustMakeFolder();
    const file = join(directory, 'test.json');
    writeFileSync(file, makeDatafile());
    let relayUrl = '';
    let works = true;
    const cdn = await mustServe(t, async ({ url = '' }, response) => {
      fetched.push(url);
      const answer = works ? await fetch(relayUrl + url) : undefined;
      response.writeHead(answer?.status ?? 502).end(await answer?.text());
    });
    const args = ['--project', `test=${file}`, '--notify-url', cdn, '--notify-spread', '10ms'];
    relayUrl = (await mustStartRelay(t, { directory, args })).url;
    const { states } = makeClient(t, { relayUrl });
    const live = await states.first(({ status, revision }) => status === 'live' && revision === '7');
    assert.deepEqual(fetched.items, [`/datafiles/test/${live.hash}.json`]);

    replaceFile(file, makeDatafile({ revision: '8' }));
    await states.first(({ revision }) => revision === '8');
    assert.deepEqual(frames.items.map(({ type }) => type), ['notice', 'notice']);

    works = false;
    replaceFile(file, makeDatafile({ revision: '9' }));
    await states.first(({ revision }) => revision === '9');
    assert.equal(frames.items.at(-1).type, 'datafile');
  });

  test('with next-page what comes decides on the next page, and what was switched off is off at once', async (t) => {
    lend(t, { localStorage: new Storage() });
    const relay = await mustServeFile(t);
    const { client, states } = makeClient(t, { relayUrl: relay.url, apply: 'next-page' });
    await client.onReady();
    await states.first(({ status }) => status === 'live');
    relay.write(makeDatafile({ revision: '8' }).replaceAll('"Matt":"b"', '"Matt":"a"'));
    const told = await states.first(({ nextRevision }) => nextRevision === '8');
    assert.equal(told.revision, '7');
    assert.equal(client.getVariation('ab', 'Matt'), 'b');

    relay.write(makeDatafile({ revision: '9' }).replaceAll('"Running"', '"Paused"'));
    await states.first(({ nextRevision }) => nextRevision === '9');
    assert.equal(client.getVariation('ab', 'Matt'), null);
    relay.write(makeDatafile({ revision: '10' }).replaceAll('"Matt":"b"', '"Matt":"a"'));
    await states.first(({ nextRevision }) => nextRevision === '10');
    await client.close();
    const next = makeClient(t, { relayUrl: relay.url, apply: 'next-page' });
    await next.client.onReady();
    assert.equal(next.client.getVariation('ab', 'Matt'), 'a');
  });

  test("what is wrong with the source's newest is told until it is mended", async (t) => {
    const relay = await mustServeFile(t);
    const { client, states } = makeClient(t, { relayUrl: relay.url });
    await client.onReady();
    await states.first(({ status }) => status === 'live');
    relay.write('{"version":"9"}');
    const told = await states.first(({ error }) => error !== undefined);
    assert.match(told.error, /version "9" is not supported/);
    assert.equal(told.revision, '7');
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
    states.items = [];
    relay.write(makeDatafile());
    await states.first(({ error, status }) => error === undefined && status === 'live');
  });

  for (const [what, body] of [['a datafile without its ETag', makeDatafile()], ["a proxy's sign-in page", '<html>Sign in</html>']]) {
    test(`${what} keeps no page from its relay once websockets pass`, async (t) => {
      t.mock.method(Math, 'random', () => 0); // no waits between attempts
      const relay = await mustServeFile(t);
      const url = await mustServe(t, (_, response) => response.end(body));
      const Socket = WebSocket;
      let blocked = true;
      lend(t, {
        WebSocket: class extends Socket {
          constructor() {
            if (blocked) throw new Error('blocked');
            super(`${relay.url.replace('http', 'ws')}/v1/stream`);
          }
        },
      });
      const { states } = makeClient(t, { relayUrl: url });
      await states.first(({ status, error }) => status === 'polling' || error !== undefined);
      states.items = [];
      blocked = false;
      const { status, error } = await states.first(({ status, fault }) => status === 'live' || fault === 'relay');
      assert.deepEqual([status, error], ['live', undefined]);
    });
  }

  test('a page whose relay restarts comes back, and is not sent what it has', async (t) => {
    const relay = await mustServeFile(t);
    const { client, states, updates } = makeClient(t, { relayUrl: relay.url });
    await client.onReady();
    await relay.stop();
    const lost = await states.first(({ status }) => status === 'reconnecting');
    assert.ok(lost.retryInMs >= 0 && lost.revision === '7');
    states.items = [];
    await relay.restart();
    await states.first(({ status }) => status === 'live');
    assert.equal(updates.items.length, 1);
  });

  test('a client that is left behind is told of once, by the next of the same project', async (t) => {
    const relay = await mustServeFile(t);
    const start = (/** @type {string} */ sdkKey) => makeClient(t, { relayUrl: relay.url, sdkKey });
    const others = [start('test'), start('other')];
    await others[0].client.close();
    const heard = [...others, start('test'), start('test'), start('test')].flatMap(({ warnings }) => warnings).filter((line) => line.includes('Another client'));
    assert.equal(heard.length, 1);
    assert.match(heard[0], /Another client on this page follows .*test\.json already: share one, and close\(\) it/);
  });

  test('an unknown sdkKey is said to be unknown, and no further attempt is made', async (t) => {
    const relay = await mustServeFile(t);
    const { client, states } = makeClient(t, { relayUrl: relay.url, sdkKey: 'nobody' });
    await assert.rejects(client.onReady(), /no project with the sdkKey nobody/);
    const { status, retryInMs, error } = states.items.at(-1);
    assert.deepEqual([status, retryInMs], ['offline', undefined]);
    assert.match(error, /nobody/);
  });

  test("the last visit's datafile decides while connecting, and is kept up to date", async (t) => {
    const localStorage = new Storage();
    lend(t, { localStorage });
    const relay = await mustServeFile(t);
    await makeClient(t, { relayUrl: relay.url }).client.onReady();
    relay.write(makeDatafile({ revision: '8' }));
    const { client, states, updates } = makeClient(t, { relayUrl: relay.url });
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
    assert.equal(states.items.length === 0 || states.items[0].status, 'connecting');
    await states.first(({ status, revision }) => status === 'live' && revision === '8');
    assert.match(localStorage.getItem(`sortition-datafile:${relay.url}:test`) ?? '', /"revision":"8"/);
    assert.equal(updates.items.length, 1);
  });

  test('the stored datafile outlives a visit without an engine', async (t) => {
    const localStorage = new Storage();
    lend(t, { localStorage });
    const relay = await mustServeFile(t);
    const { states } = makeClient(t, { relayUrl: relay.url });
    await states.first(({ status }) => status === 'live');
    const stored = localStorage.getItem(`sortition-datafile:${relay.url}:test`);
    assert.ok(stored);

    const another = await import(String(new URL('../slim.js?another', import.meta.url)));
    another.init({ wasm: new Response('', { status: 404 }) }).catch(() => {}); // onReady tells
    const client = another.createInstance({ projectConfigManager: another.createRelayProjectConfigManager({ relayUrl: relay.url, sdkKey: 'test' }) });
    await assert.rejects(client.onReady(), /answered 404/);
    await client.close();
    assert.equal(localStorage.getItem(`sortition-datafile:${relay.url}:test`), stored);
  });

  test("in the place of a stored datafile that is no good any more the relay's is asked for", async (t) => {
    const relay = await mustLeaveHalfADatafile(t);
    const { client } = makeClient(t, { relayUrl: relay.url });
    await client.onReady();
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });

  test("the relay's datafile is asked for too where only a late engine finds the stored one no good", async (t) => {
    const relay = await mustLeaveHalfADatafile(t);
    /** @type {(wasm: Uint8Array) => void} */
    let arrive = () => {};
    late.init({ wasm: new Promise((resolve) => (arrive = resolve)) });
    const frames = new Inbox();
    lend(t, { WebSocket: recording(frames) });
    const client = late.createInstance({ projectConfigManager: late.createRelayProjectConfigManager({ relayUrl: relay.url, sdkKey: 'test' }) });
    t.after(() => client.close());
    await frames.first(({ type }) => type === 'current'); // as the page has the hash of a good one
    arrive(readFileSync(new URL('../engine/engine.wasm', import.meta.url)));
    await client.onReady();
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });

  test('a page that wakes up asks at once', async (t) => {
    const window = new EventTarget();
    lend(t, { window });
    const relay = await mustServeFile(t);
    const { states } = makeClient(t, { relayUrl: relay.url });
    await states.first(({ status }) => status === 'live');
    await relay.stop();
    await states.first(({ status }) => status !== 'live');
    await relay.restart();
    states.items = [];
    window.dispatchEvent(new Event('online'));
    await states.first(({ status }) => status === 'live');
  });

  test('close lets go of the line, and nothing is told any more', async (t) => {
    const [window, document] = [new EventTarget(), new EventTarget()];
    lend(t, { window, document });
    const relay = await mustServeFile(t);
    const { client, states } = makeClient(t, { relayUrl: relay.url });
    await client.onReady();
    await client.close();
    for (const type of ['pagehide', 'pageshow', 'online']) assert.deepEqual(getEventListeners(window, type), []);
    for (const type of ['visibilitychange', 'freeze', 'resume']) assert.deepEqual(getEventListeners(document, type), []);
    const told = states.items.length;
    await relay.stop();
    assert.equal(states.items.length, told);
  });
}

test('a source that is stopped by what it tells as it starts follows nothing', async (t) => {
  const window = new EventTarget();
  lend(t, { window });
  const lines = lendLines(t);
  const logger = new Logger(0, { log: () => {} });
  const source = new RelaySource({ relayUrl: 'http://127.0.0.1:9', sdkKey: 'test', onState: () => source.stop() });
  source.start(/** @type {any} */ ({ logger, revision: () => null }));
  assert.deepEqual([lines.items, getEventListeners(window, 'online')], [[], []]);
});

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

/** Websockets on whose other end is the test. @param {import('node:test').TestContext} t */
function lendLines(t) {
  /** @type {Inbox<any>} */
  const lines = new Inbox();
  lend(t, {
    WebSocket: class {
      readyState = 1;
      onmessage = (/** @type {{data: any}} */ _) => {};
      /** @type {string[]} */
      sent = [];
      constructor() {
        lines.push(this);
      }
      send(/** @type {string} */ text) {
        this.sent.push(JSON.parse(text).type);
      }
      say(/** @type {object} */ header, /** @type {string} */ payload = '') {
        const text = JSON.stringify(header);
        this.onmessage({ data: payload === '' ? text : new TextEncoder().encode(`${text}\n${payload}`).buffer });
      }
      close() {}
    },
  });
  return lines;
}

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

test('what is no sdkKey and no address is refused at once', () => {
  assert.throws(() => us.createRelayProjectConfigManager({}), { message: 'Invalid sdkKey' });
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k', apply: 'never' }), /immediate or next-page/);
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k' }), /relayUrl is missing/);
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k', relayUrl: 'nowhere' }), /no address/);
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k', relayUrl: 'ftp://x' }), /http or https/);
});
