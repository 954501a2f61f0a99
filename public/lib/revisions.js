/** The datafiles this browser has seen of a project, kept for the next visit as far as there is room. */

import { recall, remember } from './memory.js';

/** @typedef {{text: string, since: number}} Seen since: milliseconds since 1970, when it came */

const MOST = 16;
/** Of the five million characters a browser stores for all pages of an origin. */
const MOST_CHARACTERS = 500_000;

/**
 * @param {readonly Seen[]} seen the newest first
 * @param {Seen} newest
 * @returns {Seen[]} with the newest; the same text once more in a row is no news
 */
export function withNewest(seen, newest) {
  if (seen[0]?.text === newest.text) return [...seen];
  let room = MOST_CHARACTERS;
  const kept = seen.slice(0, MOST - 1).filter(({ text }) => (room -= text.length) >= newest.text.length);
  return [newest, ...kept];
}

/** @param {string} sdkKey @returns {Seen[]} the newest first */
export function recallRevisions(sdkKey) {
  try {
    const seen = JSON.parse(recall(nameOf(sdkKey)));
    return seen.filter((/** @type {any} */ { text, since }) => typeof since === 'number' && JSON.parse(text));
  } catch {
    return []; // nothing is remembered, or nothing of use
  }
}

/** @param {string} sdkKey @param {readonly Seen[]} seen */
export function rememberRevisions(sdkKey, seen) {
  remember(nameOf(sdkKey), JSON.stringify(seen));
}

/** @param {string} sdkKey */
const nameOf = (sdkKey) => `revisions.${sdkKey}`;
