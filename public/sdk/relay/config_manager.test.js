import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Inbox, Storage, hasWebSockets, lend, makeDatafile, mustMakeFolder, mustServe, mustServeFile, mustStartRelay, ours, replaceFile } from '../testkit.test.js';
import { makeClient } from './testkit.test.js';

const us = await ours;
const late = await import(String(new URL('../slim.js', import.meta.url)));

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

test('what is no sdkKey and no address is refused at once', () => {
  assert.throws(() => us.createRelayProjectConfigManager({}), { message: 'Invalid sdkKey' });
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k', apply: 'never' }), /immediate or next-page/);
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k' }), /relayUrl is missing/);
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k', relayUrl: 'nowhere' }), /no address/);
  assert.throws(() => us.createRelayProjectConfigManager({ sdkKey: 'k', relayUrl: 'ftp://x' }), /http or https/);
});
