/** The entry that is told where its engine comes from. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Deferred } from './lib/deferred.js';
import { makeDatafile, mustServe } from './testkit.test.js';

const bytes = await readFile(new URL('./engine/engine.wasm', import.meta.url));
const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;

let copies = 0;

/** A copy of the entry that nobody has told anything yet. @returns {Promise<any>} */
const fresh = () => import(`./slim.js?copy=${copies++}`);

/** @param {any} sdk */
function makeClient(sdk) {
  return sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
}

test('clients wait for init, and decide at once after it', async () => {
  const sdk = await fresh();
  const early = makeClient(sdk);
  assert.equal(early.getVariation('ab', 'Matt'), null);
  await sdk.init({ wasm: bytes });
  await Promise.all([sdk.ready, early.onReady()]);
  assert.equal(early.getVariation('ab', 'Matt'), 'b');
  assert.equal(makeClient(sdk).getVariation('ab', 'Matt'), 'b');
});

test('a client that waits in vain says whether init was called', async () => {
  const sdk = await fresh();
  const client = makeClient(sdk);
  await assert.rejects(client.onReady({ timeout: 1 }), { message: 'onReady timeout expired after 1 ms: init, which says where the engine is, was not called' });
  const sent = new Deferred();
  sdk.init({ wasm: sent.promise });
  await assert.rejects(client.onReady({ timeout: 1 }), { message: 'onReady timeout expired after 1 ms' });
  sent.resolve(bytes);
  await client.onReady();
});

test('the engine comes as an address, a response, bytes or a module, now or later', async (t) => {
  const url = await mustServe(t, (_, response) => response.end(bytes));
  const sources = {
    'a string': url, 'a URL': new URL(url), 'a response': await fetch(url), 'a promise of one': fetch(url), 'an ArrayBuffer': new Uint8Array(bytes).buffer,
    'a module': await WebAssembly.compile(bytes), 'a file in Node': new URL('./engine/engine.wasm', import.meta.url),
  };
  for (const [name, wasm] of Object.entries(sources)) {
    const sdk = await fresh();
    await sdk.init({ wasm });
    assert.equal(makeClient(sdk).getVariation('ab', 'Matt'), 'b', name);
  }
});

test('an init that fails tells what to change, to the client too, and may be repeated', async (t) => {
  const url = await mustServe(t, (request, response) => {
    response.statusCode = request.url === '/engine.wasm' ? 200 : 404;
    response.end(request.url === '/engine.wasm' ? bytes : 'not found');
  });
  const sdk = await fresh();
  const client = makeClient(sdk);
  await assert.rejects(sdk.init({ wasm: `${url}/lost.wasm` }), /answered 404. Is engine.wasm there\?/);
  await assert.rejects(client.onReady(), /lost.wasm answered 404/);
  await assert.rejects(makeClient(sdk).onReady(), /lost.wasm answered 404/);
  await assert.rejects(sdk.ready, /answered 404/);
  assert.equal(client.getVariation('ab', 'Matt'), null);
  await sdk.init({ wasm: `${url}/engine.wasm` });
  assert.equal(makeClient(sdk).getVariation('ab', 'Matt'), 'b');
});

test('a page in the place of the engine is told of with the address that sent it', async (t) => {
  const url = await mustServe(t, (_, response) => response.end('<!doctype html><title>Welcome</title>'));
  for (const wasm of [`${url}/engine.wasm`, new URL(`${url}/engine.wasm`)]) {
    const sdk = await fresh();
    await assert.rejects(sdk.init({ wasm }), ({ message }) => message.endsWith(`Is engine.wasm what ${url}/engine.wasm sent?`));
  }
});

test('want of an engine is told to the log and to the notifier once, whatever a client tries', async (t) => {
  const url = await mustServe(t, (_, response) => response.writeHead(404).end());
  const datafiles = await mustServe(t, (_, response) => response.end(makeDatafile()));
  const sdk = await fresh();
  /** @type {string[]} */
  const told = [];
  const client = sdk.createInstance({
    projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'test', datafile: makeDatafile(), urlTemplate: `${datafiles}/%s`, updateInterval: 10 }),
    logger: sdk.createLogger({ level: sdk.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => told.push(line) } }),
    errorNotifier: sdk.createErrorNotifier({ handleError: (/** @type {Error} */ { message }) => told.push(message) }),
  });
  t.after(() => client.close());
  await assert.rejects(sdk.init({ wasm: url }));
  await assert.rejects(client.onReady());
  assert.equal(told.length, 2);
  for (const line of told) assert.match(line, /answered 404. Is engine.wasm there\?/);
});

test('an engine of another integrity is not run', async (t) => {
  const url = await mustServe(t, (_, response) => response.end(bytes));
  const sdk = await fresh();
  const other = `sha384-${createHash('sha384').update('another').digest('base64')}`;
  await assert.rejects(sdk.init({ wasm: url, integrity: other }), (/** @type {Error} */ { message }) => message.includes(`Is it the file whose integrity is ${other}?`));
  await sdk.init({ wasm: url, integrity });
});

test('telling of another engine later changes nothing', async () => {
  const sdk = await fresh();
  await Promise.all([sdk.init({ wasm: bytes }), sdk.init({ wasm: 'https://elsewhere.example/engine.wasm' })]);
  await sdk.init({ wasm: new Uint8Array() });
  assert.equal(makeClient(sdk).getVariation('ab', 'Matt'), 'b');
});
