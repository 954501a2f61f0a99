/** @typedef {import('./processor.js').UserEvent} UserEvent */

/**
 * Events by the request that they may share.
 * @param {UserEvent[]} events
 * @param {number} size how many share one at most
 * @returns {UserEvent[][]} in their order, each of one context
 */
export function inBatches(events, size) {
  /** @type {UserEvent[][]} */
  const batches = [];
  for (const event of events) {
    const last = batches.at(-1);
    if (last && last.length < size && last[0].origin.context === event.origin.context) last.push(event);
    else batches.push([event]);
  }
  return batches;
}
