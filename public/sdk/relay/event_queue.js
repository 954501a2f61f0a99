/**
 * What waits to be kept by the relay, oldest first. A queue answers from memory; one that lasts longer than the page writes
 * behind what it answers.
 *
 * @typedef {object} QueuedEvent
 * @property {import('../engine/index.js').UserEvent} event
 * @property {import('../events/processor.js').EventKind} kind
 */
export class MemoryEventQueue {
  /** @type {Map<string, QueuedEvent>} */
  #events = new Map();

  get size() {
    return this.#events.size;
  }

  /** @param {QueuedEvent} queued */
  add(queued) {
    this.#events.set(queued.event.uuid, queued);
  }

  /**
   * @param {number} limit
   * @returns {QueuedEvent[]} the oldest, as many as may share a request
   */
  peek(limit) {
    const batch = [];
    for (const queued of this.#events.values()) {
      if (batch.length === limit || (batch.length > 0 && batch[0].event.context !== queued.event.context)) break;
      batch.push(queued);
    }
    return batch;
  }

  /** All of it, oldest first. */
  all() {
    return [...this.#events.values()];
  }

  /** @param {QueuedEvent[]} batch */
  remove(batch) {
    for (const { event } of batch) this.#events.delete(event.uuid);
  }
}
