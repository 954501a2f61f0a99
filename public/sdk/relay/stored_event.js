/** How an event lies in a store: as texts and numbers, which any page can make an event of again. */

import { KeptEvent } from '../engine/index.js';

/**
 * @typedef {import('./event_queue.js').QueuedEvent} QueuedEvent
 *
 * @typedef {object} StoredEvent
 * @property {string} uuid
 * @property {number} timestamp
 * @property {string} url
 * @property {string} envelope
 * @property {string} visitor
 * @property {import('../events/processor.js').EventKind} kind
 */

/** @param {QueuedEvent} queued @returns {StoredEvent} */
export function pack({ event, kind }) {
  const { uuid, timestamp, origin: { url, envelope }, visitor } = event;
  return { uuid, timestamp, url, envelope, visitor, kind };
}

/** @param {StoredEvent} stored @returns {QueuedEvent} */
export function unpack(stored) {
  return { event: new KeptEvent(stored), kind: stored.kind };
}
