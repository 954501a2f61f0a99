/**
 * Events of pages that went before they saw them stored, in localStorage: it takes them within the call, where what is written to
 * IndexedDB may never get there. A browser may refuse storage, run out of it, or lose it: then nothing is left and nothing is found.
 */

import { pack, unpack } from './stored_event.js';

/**
 * @typedef {import('./event_queue.js').QueuedEvent} QueuedEvent
 * @typedef {{key: string, events: QueuedEvent[]}} Left what one page left
 */

/** @param {string} url where the events go */
const prefixOf = (url) => `sortition-left:${url}:`;

/**
 * Each page that goes has an item of its own, since two may go at once.
 * @param {string} url where the events go
 * @param {QueuedEvent[]} events
 */
export function leaveEvents(url, events) {
  if (events.length === 0) return;
  try {
    localStorage.setItem(prefixOf(url) + events[0].event.uuid, JSON.stringify(events.map(pack)));
  } catch {
    // The browser has what it took as a beacon.
  }
}

/** @param {string} url where the events go @returns {Left[]} */
export function leftEvents(url) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefixOf(url)));
    return keys.map((key) => ({ key, events: parse(localStorage.getItem(key)) }));
  } catch {
    return [];
  }
}

/** @param {Left[]} left */
export function forgetLeft(left) {
  for (const { key } of left) localStorage.removeItem(key);
}

/** @param {string | null} text @returns {QueuedEvent[]} none of a text that another wrote: one without all its parts would hold up all others */
function parse(text) {
  try {
    return JSON.parse(text ?? '[]').map(unpack).filter((/** @type {QueuedEvent} */ { event }) => event.uuid && event.params && event.origin.batch);
  } catch {
    return [];
  }
}
