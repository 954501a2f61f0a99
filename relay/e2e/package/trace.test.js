/** The package on servers whose build takes along only the files that it finds, as Next.js, Nuxt and Vercel do by nft. */

import { nodeFileTrace } from '@vercel/nft';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const base = fileURLToPath(new URL('../../../public/sdk/', import.meta.url));

for (const [entry, found] of /** @type {const} */ ([['index.js', true], ['node.js', true], ['openfeature.js', true], ['slim.js', false]])) {
  test(`who traces ${entry} finds ${found ? 'the' : 'no'} engine`, async () => {
    const { fileList } = await nodeFileTrace([base + entry], { base });
    assert.equal(fileList.has('engine/engine.wasm'), found);
  });
}
