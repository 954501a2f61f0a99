import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { buildOf } from './lib/offline.js';
import { lend } from './sdk/testkit.test.js';
import { isOutdated, pathIn, preferenceFor } from './service-worker.js';

const BUILD = 'assets-0123456789abcdef';

for (const path of [`${BUILD}/pages/store.js`, `${BUILD}/sdk/engine/engine.wasm`]) {
  test(`${path} never changes: what is kept comes first`, () => assert.equal(preferenceFor(path), 'kept'));
}

for (const path of ['', 'index.html', 'console.html', 'config.json', 'favicon.svg', 'pages/store.js', 'demo/images/linen-shirt.svg']) {
  test(`'${path}' may change: what is fresh comes first`, () => assert.equal(preferenceFor(path), 'fresh'));
}

for (const path of ['v1/events', 'v1/stream', 'datafiles/demo.json', 'json/1.json', 'healthz', 'assets-/x', 'other/index.html', 'service-worker.js']) {
  test(`${path} is left to the browser`, () => assert.equal(preferenceFor(path), 'not ours'));
}

test('every folder that pages are made of is known', () => {
  for (const page of ['index.html', 'results.html', 'console.html']) {
    const html = readFileSync(new URL(page, import.meta.url), 'utf8');
    for (const [, path] of html.matchAll(/(?:src|href)="([\w/-]+\.(?:js|css|svg))"/g)) assert.equal(preferenceFor(path), 'fresh', path);
  }
});

for (const [address, path] of [
  ['https://shop.example/some/path/?user=Matt#top', ''],
  ['https://shop.example/some/path/pages/store.js', 'pages/store.js'],
  ['https://shop.example/some/', undefined],
  ['https://shop.example/v1/events', undefined],
  ['https://relay.example/some/path/index.html', undefined],
]) {
  test(`${address} is ${path === undefined ? 'none of the site' : `the site's '${path}'`}`, () => {
    assert.equal(pathIn(String(address), 'https://shop.example/some/path/'), path);
  });
}

test('only another build of what never changes is outdated', () => {
  assert.equal(isOutdated('assets-0/pages/store.js', BUILD), true);
  assert.equal(isOutdated('assets-0/pages/store.js', ''), true);
  assert.equal(isOutdated(`${BUILD}/pages/store.js`, BUILD), false);
  assert.equal(isOutdated('pages/store.js', BUILD), false);
});

test('a module tells by its address of which build it is', () => {
  assert.equal(buildOf(`https://shop.example/some/path/${BUILD}/lib/offline.js`), BUILD);
  assert.equal(buildOf('https://shop.example/assets/lib/offline.js'), '');
});

test('a page that is answered in the place of a script is not kept', async (t) => {
  const kept = new Map();
  const cache = {
    match: async (/** @type {string} */ address) => kept.get(address),
    put: async (/** @type {string} */ address, /** @type {Response} */ response) => kept.set(address, response),
  };
  const answers = [
    new Response('<h1>Please log in</h1>', { headers: { 'content-type': 'text/html' } }),
    new Response('export {};', { headers: { 'content-type': 'text/javascript' } }),
  ];
  /** @type {Map<string, (event: any) => void>} */
  const listeners = new Map();
  lend(t, {
    registration: { scope: 'https://shop.example/' },
    skipWaiting: async () => {},
    addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => listeners.set(type, listener),
    caches: { open: async () => cache },
    fetch: async () => answers.shift(),
  });
  await import(String(new URL('./service-worker.js?worker', import.meta.url)));
  const ask = async () => {
    /** @type {Promise<Response> | undefined} */
    let answer;
    const respondWith = (/** @type {Promise<Response>} */ given) => (answer = given);
    listeners.get('fetch')?.({ request: new Request(`https://shop.example/${BUILD}/pages/store.js`), respondWith });
    return (await answer)?.text();
  };
  assert.equal(await ask(), '<h1>Please log in</h1>');
  assert.equal(await ask(), 'export {};');
});
