/** The difference between two JSON texts, line by line, each laid out in the same way first: how they were written is no difference. */

import { diffArrays } from './vendor/jsdiff/array.js';

/**
 * @typedef {object} DiffLine
 * @property {' ' | '+' | '-' | '…'} sign an ellipsis stands for lines that were left out
 * @property {string} text
 */

/** So many lines around a change are shown. */
const CONTEXT = 3;
/** What takes longer, or is longer, nobody reads. */
const TIMEOUT_MS = 1000;
const MOST_LINES = 2000;

/**
 * @param {string} before
 * @param {string} after
 * @returns {DiffLine[] | undefined} empty when nothing differs, undefined when there is too much to tell
 */
export function jsonDifference(before, after) {
  const parts = diffArrays(linesOf(before), linesOf(after), { timeout: TIMEOUT_MS });
  if (!parts) return undefined;
  if (!parts.some(({ added, removed }) => added || removed)) return [];
  const lines = parts.flatMap(({ added, removed, value }, i) => {
    if (added || removed) return value.map((text) => lineOf(added ? '+' : '-', text));
    return shorten(value, i > 0, i < parts.length - 1);
  });
  return lines.length > MOST_LINES ? undefined : lines;
}

/** @param {string} text */
const linesOf = (text) => JSON.stringify(JSON.parse(text), null, 2).split('\n');

/** @param {DiffLine['sign']} sign @param {string} text @returns {DiffLine} */
const lineOf = (sign, text) => ({ sign, text });

/**
 * Leaves out what is far from a change.
 * @param {string[]} lines that are the same
 * @param {boolean} afterOne whether a change comes before them
 * @param {boolean} beforeOne whether one comes after them
 */
function shorten(lines, afterOne, beforeOne) {
  const first = afterOne ? CONTEXT : 0;
  const last = beforeOne ? CONTEXT : 0;
  const same = (/** @type {string[]} */ some) => some.map((text) => lineOf(' ', text));
  const left = lines.length - first - last;
  if (left <= 1) return same(lines);
  return [...same(lines.slice(0, first)), lineOf('…', `${left} lines`), ...same(lines.slice(lines.length - last))];
}
