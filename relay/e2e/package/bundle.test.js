/** The package in a bundle that is no module, where `import.meta.url` is nothing. */

import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('a bundle that is no module runs on, without its engine', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../public/sdk/index.js', import.meta.url))],
    bundle: true, write: false, format: 'iife', globalName: 'sdk', logLevel: 'silent',
  });
  const sdk = new Function(`${outputFiles[0].text}; return sdk;`)();
  await assert.rejects(sdk.ready, /URL/);
  const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: '{}' }) });
  assert.equal(client.getVariation('item-sort', 'Matt'), null);
  await client.close();
});
