/** The package's types: an application for the official SDK compiles against both, and the two take the same. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const ours = at('../../../public/sdk/index.d.ts');
const official = at('../node_modules/@optimizely/optimizely-sdk/dist/index.d.ts');
const slim = at('../../../public/sdk/slim.d.ts');
const universal = {
  'the official SDK': at('../node_modules/@optimizely/optimizely-sdk/dist/index.universal.d.ts'), ours: at('../../../public/sdk/universal.d.ts'),
};

const folder = mkdtempSync(join(tmpdir(), 'sortition-types-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * What tsc says of a file.
 * @param {string} file
 * @param {Record<string, string>} paths where the types of a package lie
 * @param {object} [options] of the compiler
 */
function complaints(file, paths, options) {
  const project = join(folder, 'tsconfig.json');
  writeFileSync(project, JSON.stringify({
    compilerOptions: {
      strict: true, noEmit: true, target: 'es2022', module: 'preserve', lib: ['es2024', 'dom'], types: [], skipLibCheck: true,
      paths: Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, [path]])), ...options,
    },
    files: [file],
  }));
  return spawnSync(at('../node_modules/.bin/tsc'), ['--project', project], { encoding: 'utf8' }).stdout;
}

for (const [name, types] of Object.entries({ 'the official SDK': official, ours, 'our slim entry': slim })) {
  test(`an application compiles against ${name}`, () => {
    assert.equal(complaints(at('types/shop.ts'), { '@optimizely/optimizely-sdk': types }), '');
  });
}

for (const [name, types] of Object.entries(universal)) {
  test(`an application for an edge worker compiles against ${name}`, () => {
    assert.equal(complaints(at('types/worker.ts'), { '@optimizely/optimizely-sdk/universal': types }), '');
  });
}

test('a server without the types of the DOM compiles', () => {
  const file = join(folder, 'server.ts');
  writeFileSync(file, `import { init } from 'sortition-sdk/slim'; import { createInstance } from 'sortition-sdk/universal'; export { createInstance, init };`);
  const options = { lib: ['es2022'], types: ['node'], typeRoots: [at('../node_modules/@types')], skipLibCheck: false };
  assert.equal(complaints(file, { 'sortition-sdk/slim': slim, 'sortition-sdk/universal': universal.ours }, options), '');
});

test('a page with the provider compiles', () => {
  const openfeature = at('../node_modules/@openfeature/web-sdk/dist/types.d.ts');
  const provider = at('../../../public/sdk/openfeature.d.ts');
  assert.equal(complaints(at('types/provider.ts'), { '@openfeature/web-sdk': openfeature, 'sortition-sdk': ours, 'sortition-sdk/openfeature': provider }), '');
});

test('the official types take what ours take, and the other way round', () => {
  assert.equal(complaints(at('types/same.ts'), { '@optimizely/optimizely-sdk': official, 'sortition-sdk': ours }), '');
});

for (const entry of ['index', 'slim', 'universal', 'ua_parser', 'openfeature']) {
  test(`what ${entry}.js exports is declared, and nothing else`, async () => {
    const exported = Object.keys(await import(at(`../../../public/sdk/${entry}.js`)));
    const file = join(folder, 'exported.ts');
    writeFileSync(file, `import * as sdk from 'sdk'; export const all: Record<keyof typeof sdk, 1> = {${exported.map((name) => `${name}: 1`)}};`);
    assert.equal(complaints(file, { sdk: at(`../../../public/sdk/${entry}.d.ts`), '@openfeature/web-sdk': at('../node_modules/@openfeature/web-sdk/dist/types.d.ts') }), '');
  });
}
