import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkVectors } from './vectors.js';

const vectors = JSON.parse(readFileSync(new URL('../../../wasm/engine/enginetest/testdata/vectors.json', import.meta.url), 'utf8'));
const ours = await import(String(new URL('../../../public/sdk/index.js', import.meta.url)));
await ours.ready;

for (const [name, sdk] of /** @type {const} */ ([['the official SDK', await import('@optimizely/optimizely-sdk')], ['our SDK', ours]])) {
  test(`${name} gives the golden answers`, async () => {
    const { checked, failures } = await checkVectors(sdk, vectors);
    assert.deepEqual(failures, []);
    assert.ok(checked > 900, `only ${checked} cases: the reader has gone blind`);
  });
}
