/** The npm package: what is in it, how large it is, and what publint and Are the types wrong say of it. */

import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const sdk = fileURLToPath(new URL('../../../public/sdk/', import.meta.url));
const manifest = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'sortition-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: sdk, encoding: 'utf8' }));
const tarball = readFileSync(join(folder, packed.filename));

test('the package holds what its entries need, and nothing of the tests', () => {
  const names = new Set(packed.files.map((/** @type {{path: string}} */ file) => file.path));
  const wanted = Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry)));
  for (const name of [...wanted, './README.md', './LICENSE', './relay/protocol.js', './types/client.d.ts']) {
    assert.ok(names.has(name.slice(2)), `${name} is not in the package`);
  }
  for (const name of names) assert.ok(!/\.test\.js$|^global\.js$|\.tgz$/.test(name), `${name} is in the package`);
});

test('the package is small enough to download anywhere', () => {
  assert.ok(packed.size < 800_000, `${packed.size} bytes packed`);
  assert.ok(packed.unpackedSize < 3_200_000, `${packed.unpackedSize} bytes unpacked`);
  const script = gzipSync(readFileSync(join(sdk, 'global.min.js')), { level: 9 });
  assert.ok(script.length < 30_000, `${script.length} bytes of classic script, gzipped`);
});

test('a page loads no more of it than it needs', () => {
  const weigh = (/** @type {string} */ name) => brotliCompressSync(readFileSync(join(sdk, name))).length; // at the highest level
  const module = weigh('index.min.js');
  const relay = weigh('relay/index.min.js');
  const optimizely = weigh('optimizely/index.min.js');
  assert.ok(module <= 15_000, `${module} bytes of module, in brotli`);
  assert.ok(relay < 7_000, `${relay} bytes that a client with a relay loads besides`);
  assert.ok(optimizely < 3_000, `${optimizely} bytes that a client without one loads besides`);
});

test('publint finds nothing to say', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg, { color: false })), []);
});

test('every entry has its types, wherever modules are resolved', async () => {
  const entrypoints = Object.keys(manifest.exports).filter((name) => manifest.exports[name].types);
  const { problems } = /** @type {import('@arethetypeswrong/core').Analysis} */ (
    await checkPackage(createPackageFromTarballData(tarball), { entrypoints })
  );
  // Node's require takes modules since 20.19, and resolution without exports has been deprecated for as long.
  const found = problems.filter((problem) => problem.kind !== 'CJSResolvesToESM' && !('resolutionKind' in problem && problem.resolutionKind === 'node10'));
  assert.deepEqual(found, []);
});

test('a package without its engine is refused, with what to do', () => {
  const copy = join(folder, 'sdk');
  cpSync(sdk, copy, { recursive: true, filter: (path) => !path.endsWith('engine.wasm') });
  const { status, stderr } = spawnSync('npm', ['pack', '--dry-run'], { cwd: copy, encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, /engine\/engine\.wasm is missing: run make build first/);
});
