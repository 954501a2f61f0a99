/** What lies in public/lib/vendor is, byte for byte, what npm has under the version that package.json names. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const vendor = new URL('../../../public/lib/vendor/', import.meta.url);
const modules = new URL('../node_modules/', import.meta.url);

/** Where the package has what was taken from it. @type {Record<string, string>} */
const published = {
  'jsdiff/array.js': 'diff/libesm/diff/array.js',
  'jsdiff/base.js': 'diff/libesm/diff/base.js',
  'jsdiff/LICENSE.txt': 'diff/LICENSE',
  'uplot/uPlot.js': 'uplot/dist/uPlot.esm.js',
  'uplot/uPlot.css': 'uplot/dist/uPlot.min.css',
  'uplot/LICENSE.txt': 'uplot/LICENSE',
  'uqr/uqr.js': 'uqr/dist/index.mjs',
  'uqr/LICENSE.txt': 'uqr/LICENSE',
};

const read = (/** @type {URL} */ url) => readFileSync(url, 'utf8');

for (const [copy, original] of Object.entries(published)) {
  test(`${copy} is ${original} as published`, () => {
    const { version } = JSON.parse(read(new URL(`${original.split('/')[0]}/package.json`, modules)));
    const text = read(new URL(copy, vendor));
    const [, said, rest] = /^(?:\/\*! \w+ (\S+), .* as published; .*\n)?([^]*)$/.exec(text) ?? [];
    assert.equal(said ?? version, version);
    assert.ok(rest === read(new URL(original, modules)), 'it differs');
  });
}

test('nothing else that runs or is licensed is vendored', () => {
  const there = readdirSync(vendor, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css|txt)$/.test(name));
  assert.deepEqual(there.sort(), Object.keys(published).sort());
});
