/** The entry for hosts that are neither a browser nor Node, beside the official one. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { getUserAgentParser } from './ua_parser.js';
import { Inbox, makeDatafile, plain } from './testkit.test.js';
import * as ours from './universal.js';

/** @type {any} */
const official = createRequire(new URL('../../relay/e2e/', import.meta.url))('@optimizely/optimizely-sdk/universal');
/** @type {[string, any][]} */
const both = [['the official one', official], ['ours', ours]];

await ours.init({ wasm: await WebAssembly.compile(await readFile(new URL('./engine/engine.wasm', import.meta.url))) });

/** Keeps what it is asked, and answers with a datafile. */
class Handler {
  /** @type {Inbox<any>} */
  asked = new Inbox();

  /** @param {any[]} request */
  makeRequest(...[url, headers, method, data]) {
    const known = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    this.asked.push(plain({ url, headers: known, method, data: data && plain(JSON.parse(data)) }));
    const answer = method === 'POST' ? { statusCode: 204, body: '', headers: {} } : { statusCode: 200, body: makeDatafile(), headers: { 'last-modified': 'today' } };
    return { abort() {}, responsePromise: Promise.resolve(answer) };
  }
}

test('every request goes by the handler, and is the official one', async () => {
  const asked = await Promise.all(both.map(async ([, sdk]) => {
    const requestHandler = new Handler();
    const client = sdk.createInstance({
      requestHandler,
      projectConfigManager: sdk.createPollingProjectConfigManager({
        sdkKey: 'test', datafileAccessToken: 'token', customHeaders: { 'X-Mine': '1' }, updateInterval: 20, requestHandler,
      }),
      eventProcessor: sdk.createForwardingEventProcessor(sdk.createEventDispatcher(requestHandler)),
    });
    await client.onReady();
    assert.equal(client.activate('ab', 'Matt'), 'b');
    await requestHandler.asked.first(({ headers }) => headers['if-modified-since'] === 'today');
    await client.close();
    const { items } = requestHandler.asked;
    return [items[0], items.find(({ method }) => method === 'POST'), items.find(({ headers }) => headers['if-modified-since'])];
  }));
  assert.equal(asked[0][1].data.visitors[0].visitor_id, 'Matt');
  assert.deepEqual(asked[1], asked[0]);
});

test('every name of the official entry is here, and means the same', () => {
  for (const name of Object.keys(official)) assert.equal(typeof (/** @type {any} */ (ours)[name]), typeof official[name], name);
  assert.deepEqual([ours.clientEngine, ours.__platforms], [official.clientEngine, official.__platforms]);
});

test('what it is not given is refused with the official words', () => {
  /** @type {((sdk: any) => unknown)[]} */
  const mistakes = [
    (sdk) => sdk.createPollingProjectConfigManager({ sdkKey: 'x' }), (sdk) => sdk.createPollingProjectConfigManager({ sdkKey: 'x', requestHandler: {} }),
    (sdk) => sdk.createEventDispatcher(), (sdk) => sdk.createForwardingEventProcessor(), (sdk) => sdk.createBatchEventProcessor({}),
    (sdk) => sdk.createInstance({ projectConfigManager: {} }),
  ];
  for (const mistake of mistakes) {
    const [theirs, our] = both.map(([, sdk]) => {
      try {
        return typeof mistake(sdk);
      } catch (error) {
        return error instanceof Error ? error.message : error;
      }
    });
    assert.equal(our, theirs, String(mistake));
  }
});

test('events wait for a second, not for longer, and for a batch', async (t) => {
  for (const [name, sdk] of both) {
    /** @type {Inbox<any>} */
    const sent = new Inbox();
    const client = sdk.createInstance({
      requestHandler: new Handler(),
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }),
      eventProcessor: sdk.createBatchEventProcessor({ eventDispatcher: {
        async dispatchEvent(/** @type {any} */ { params }) {
          sent.push(params);
          return {};
        },
      } }),
    });
    t.after(() => client.close());
    await client.onReady();
    for (let i = 0; i < 11; i++) client.activate('ab', 'Matt');
    await sent.atLeast(2);
    assert.deepEqual(sent.items.map(({ visitors, client_name }) => [visitors.length, client_name]), [[10, 'javascript-sdk'], [1, 'javascript-sdk']], name);
  }
});

test('a parser of user agents is accepted where it is an option', () => {
  const userAgentParser = getUserAgentParser();
  ours.createOdpManager({ userAgentParser, requestHandler: new Handler() });
  assert.deepEqual(userAgentParser.parseUserAgentInfo(), { os: {}, device: {} });
});
