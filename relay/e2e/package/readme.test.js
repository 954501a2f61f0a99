/** The examples of the SDK's README: each parses, and takes from the package only what it exports. */

import { transformSync } from 'esbuild';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const readme = readFileSync(new URL('../../../public/sdk/README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/```(js|jsx|html)\n(.*?)```/gs)].map(([, language, text]) => ({ language, text }));
const scripts = blocks.flatMap(({ language, text }) => (language === 'html' ? [...text.matchAll(/<script(?: type="module")?>(.*?)<\/script>/gs)].map(([, script]) => script) : [text]));

/** @type {Record<string, string>} */
const entries = {
  'sortition-sdk': 'index.js', 'sortition-sdk/slim': 'slim.js', 'sortition-sdk/universal': 'universal.js', 'sortition-sdk/openfeature': 'openfeature.js',
  'https://relay.example/sdk/index.js': 'index.js',
};

test('every example parses', () => {
  assert.ok(scripts.length > 8);
  for (const script of scripts) transformSync(script, { loader: 'jsx', format: 'esm' });
});

test('what the examples import is exported', async () => {
  for (const [, names, from] of scripts.join('\n').matchAll(/import \{([^}]+)\} from '([^']+)'/g)) {
    if (!entries[from]) continue;
    const exported = await import(`../../../public/sdk/${entries[from]}`);
    for (const name of names.split(',')) assert.ok(name.trim() in exported, `${name.trim()} of ${from}`);
  }
});

test('every entry that the README names is one of the package', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../../public/sdk/package.json', import.meta.url), 'utf8'));
  for (const [, path] of readme.matchAll(/`(?:sortition-sdk)?(\/(?:browser|node|slim|openfeature|universal|ua_parser|engine\.wasm|global\.min\.js))`/g)) {
    assert.ok(exports[`.${path}`], path);
  }
});

test('the file that `npm pack` makes is called as the README says', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../../../public/sdk/package.json', import.meta.url), 'utf8'));
  const files = readme.match(/[\w-]+-[\d.]+\.tgz/g) ?? [];
  assert.ok(files.length > 0);
  for (const file of files) assert.equal(file, `${name}-${version}.tgz`);
});
