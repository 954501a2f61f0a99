/** The package in bundles that are not like a page's. */

import { build, transformSync } from 'esbuild';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('a bundle that is no module, where `import.meta.url` is nothing, runs on without its engine', async (t) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../public/sdk/index.js', import.meta.url))],
    bundle: true, write: false, format: 'iife', globalName: 'sdk', logLevel: 'silent',
  });
  const sdk = new Function(`${outputFiles[0].text}; return sdk;`)();
  await assert.rejects(sdk.ready, /URL/);
  const relay = createServer((_, response) => response.end('{}')).listen(0);
  t.after(() => relay.close());
  const relayUrl = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (relay.address()).port}`;
  const managers = [sdk.createStaticProjectConfigManager({ datafile: '{}' }), sdk.createRelayProjectConfigManager({ relayUrl, sdkKey: 'demo' })];
  for (const projectConfigManager of managers) {
    const client = sdk.createInstance({ projectConfigManager });
    t.after(() => client.close());
    await assert.rejects(client.onReady({ timeout: 5000 }), /URL/);
    assert.equal(client.getVariation('item-sort', 'Matt'), null);
  }
});

test('a server in one such file runs on without its engine too', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../public/sdk/node.js', import.meta.url))],
    bundle: true, write: false, format: 'cjs', platform: 'node', logLevel: 'silent',
  });
  const server = { exports: /** @type {any} */ ({}) };
  new Function('module', 'require', outputFiles[0].text)(server, createRequire(import.meta.url));
  const sdk = server.exports;
  await assert.rejects(sdk.ready, /URL/);
  const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: '{}' }) });
  await assert.rejects(client.onReady(), /URL/);
  assert.equal(client.getVariation('item-sort', 'Matt'), null);
});

test('a bundler does not drop the classic script, which says that bundlers want another', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "import './global.min.js';", resolveDir: fileURLToPath(new URL('../../../public/sdk', import.meta.url)) },
    bundle: true, write: false, format: 'esm', logLevel: 'silent',
  });
  assert.match(outputFiles[0].text, /modules and bundlers import index\.js/);
});

test('what compiles the engine may be moved into a function, as Next.js does for its edge runtime', () => {
  const source = readFileSync(new URL('../../../public/sdk/engine/load.js', import.meta.url), 'utf8');
  let moved = 0;
  transformSync(source.replaceAll(/WebAssembly\.compile\(.*\)/g, (call) => {
    moved++;
    return `later(function () { return ${call}; })`;
  }));
  assert.ok(moved > 0);
});
