import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const root = new URL('../', import.meta.url);
const sheets = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css') && !name.includes('vendor'));

// WebKit takes a shorthand of more than a line for no line at all: the page one is on is then not marked, nor a button that looks like a link.
test('lines under text get their width and colour by longhands, which every browser knows', () => {
  assert.ok(sheets.length > 20, `only ${sheets}`);
  const offences = sheets.flatMap((name) => [...readFileSync(new URL(name, root), 'utf8').matchAll(/text-decoration:([^;}]*)/g)]
    .filter(([, value]) => !/^(none|underline|line-through)$/.test(value.trim())).map(([rule]) => `${name}: ${rule}`));
  assert.deepEqual(offences, []);
});
