import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const declared = new Map([...css.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]));

/**
 * The hex colour an intent stands for in one theme.
 * @param {string} name
 * @param {0 | 1} theme 0 light, 1 dark
 * @returns {string}
 */
function resolve(name, theme) {
  const value = declared.get(name) ?? '';
  const pair = /^light-dark\(var\((--[\w-]+)\), var\((--[\w-]+)\)\)$/.exec(value);
  if (pair) return resolve(pair[theme + 1], theme);
  const alias = /^var\((--[\w-]+)\)$/.exec(value);
  return alias ? resolve(alias[1], theme) : value;
}

/**
 * Relative luminance by WCAG 2.
 * @param {string} hex
 */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {string} a
 * @param {string} b
 */
function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ['--color-page', '--color-surface', '--color-sunken'];
const texts = ['--color-text', '--color-text-subtle', '--color-accent', '--color-good', '--color-bad'];
const marks = ['--color-edge', '--color-focus', '--color-thread', '--color-series-1', '--color-series-2'];

for (const theme of /** @type {const} */ ([0, 1])) {
  for (const ground of grounds) {
    for (const [names, least] of /** @type {const} */ ([[texts, 4.5], [marks, 3]])) {
      for (const name of names) {
        test(`${name} reads on ${ground} in the ${theme ? 'dark' : 'light'} theme`, () => {
          const ratio = contrast(resolve(name, theme), resolve(ground, theme));
          assert.ok(ratio >= least, `${ratio.toFixed(2)}:1, wanted ${least}:1`);
        });
      }
    }
  }
  for (const name of ['--color-text', '--color-accent']) {
    test(`inverted text reads on ${name} in the ${theme ? 'dark' : 'light'} theme`, () => {
      assert.ok(contrast(resolve('--color-text-inverted', theme), resolve(name, theme)) >= 4.5);
    });
  }
}
