// Who may import whom among the site's modules, and why. Prints every offender with the rule it breaks.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'public');

// Static and dynamic imports, re-exports, and the import() types of JSDoc.
const importing = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;

/** The part of the site that a module belongs to: pages/store, components/toast, lib, sdk. */
const room = (/** @type {string} */ path) => path.split('/')[0];
const part = (/** @type {string} */ path) => path.split('/').slice(0, 2).join('/').replace(/\.js$/, '');

const rules = [
  { broken: (from, to) => room(from) === 'sdk' && room(to) !== 'sdk',
    reason: 'the SDK is used without the rest of the site' },
  { broken: (from, to) => room(from) === 'components' && room(to) === 'components' && part(from) !== part(to),
    reason: 'a component knows no other component; pages put them together' },
  { broken: (from, to) => ['components', 'lib', 'sdk'].includes(room(from)) && room(to) === 'pages',
    reason: 'pages -> components -> lib, never back' },
  { broken: (from, to) => room(from) === 'lib' && room(to) === 'components',
    reason: 'pages -> components -> lib, never back' },
  { broken: (from, to) => /^sdk\/optimizely\/(?!late\.js$|.*\.min\.js$)/.test(to) && !from.startsWith('sdk/optimizely/'),
    reason: 'pages with a relay do without it: optimizely/late.js loads it for those that need it' },
  { broken: (from, to) => !existsSync(join(root, to)),
    reason: 'there is no such file' },
];

let failed = false;
function report(from, specifier, reason) {
  console.log(`public/${from} imports ${specifier}: ${reason}`);
  failed = true;
}

const modules = existsSync(root)
  ? readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'))
  : [];
for (const from of modules) {
  const test = from.endsWith('.test.js');
  for (const [, , specifier] of readFileSync(join(root, from), 'utf8').matchAll(importing)) {
    if (specifier.startsWith('node:') && (test || room(from) === 'sdk')) continue;
    if (!/^\.\.?\//.test(specifier)) {
      if (!test) report(from, specifier, 'the site is served as it lies here: imports are relative paths');
      continue;
    }
    const to = relative(root, normalize(join(root, dirname(from), specifier)));
    for (const rule of rules) if (rule.broken(from, to)) report(from, specifier, rule.reason);
  }
}
process.exitCode = failed ? 1 : 0;
