import { EventStore, isOld } from './event_store.js';
import { forgetLeft, leaveEvents, leftEvents } from './left_events.js';

/**
 * What waits to be kept by the relay, oldest first. It answers from memory and writes behind that to the store, which other
 * pages of the origin share.
 *
 * @typedef {object} QueuedEvent
 * @property {import('../engine/index.js').UserEvent} event
 * @property {import('../events/processor.js').EventKind} kind
 *
 * @typedef {import('./event_store.js').Settlement} Settlement
 */
export class EventQueue {
  #url;
  #store;
  /** @type {Map<string, QueuedEvent>} */
  #events = new Map();
  /** Uuids of this page's own. @type {Set<string>} */
  #own = new Set();
  /** Uuids of those that are in the store for sure. @type {Set<string>} */
  #stored = new Set();

  /** @param {string} url where the events go */
  constructor(url) {
    this.#url = url;
    this.#store = new EventStore(url);
  }

  get size() {
    return this.#events.size;
  }

  /** @param {QueuedEvent} queued */
  add(queued) {
    this.#own.add(queued.event.uuid);
    this.#keep(queued);
  }

  /** @param {QueuedEvent} queued */
  async #keep(queued) {
    const { uuid } = queued.event;
    this.#events.set(uuid, queued);
    this.#stored.delete(uuid);
    if (await this.#store.add(queued) && this.#events.has(uuid)) this.#stored.add(uuid);
  }

  /** Leaves for the next page, within this call, what is not in the store for sure. */
  leave() {
    leaveEvents(this.#url, this.all().filter(({ event }) => !this.#stored.has(event.uuid)));
  }

  /**
   * @param {number} limit
   * @returns {QueuedEvent[]} the oldest, as many as may share a request
   */
  peek(limit) {
    const batch = [];
    for (const queued of this.#events.values()) {
      if (batch.length === limit || (batch.length > 0 && batch[0].event.origin.context !== queued.event.origin.context)) break;
      batch.push(queued);
    }
    return batch;
  }

  /** All of it, oldest first. */
  all() {
    return [...this.#events.values()];
  }

  /** Whether the event is this page's. @param {QueuedEvent} queued */
  owns({ event }) {
    return this.#own.has(event.uuid);
  }

  /**
   * Lets go of an event; if it is another page's, with a word for that one.
   * @param {QueuedEvent} queued
   * @param {Settlement} settlement
   */
  settle(queued, settlement) {
    const { uuid } = queued.event;
    if (this.owns(queued)) this.#store.remove([uuid]);
    else this.#store.settle(uuid, settlement);
    this.#forget(uuid);
  }

  /** Lets go of everything, other pages' included. @returns {QueuedEvent[]} this page's own */
  clear() {
    const own = this.all().filter((queued) => this.owns(queued));
    for (const uuid of this.#events.keys()) this.#forget(uuid);
    this.#store.clear();
    forgetLeft(leftEvents(this.#url));
    return own;
  }

  /**
   * Takes over what other pages left, and lets go of what they have sent.
   * @returns {Promise<{settled: [QueuedEvent, Settlement][], expired: number}>} this page's own that others sent, and how many
   *     of all were too old to be sent
   */
  async refresh() {
    await this.#takeUp();
    const stored = new Set(this.#stored); // what is stored from here on the store's answer may not show
    const found = await this.#store.load();
    if (!found) return { settled: [], expired: 0 };
    const waiting = new Map(found.waiting.map((queued) => [queued.event.uuid, queued]));
    /** @type {[QueuedEvent, Settlement][]} */
    const settled = [];
    for (const [uuid, queued] of this.#events) {
      const settlement = found.settled.get(uuid);
      if (settlement) settled.push([queued, settlement]);
      const isGone = stored.has(uuid) && !waiting.has(uuid);
      // Who sends another page's leaves word: without any, the browser lost it.
      if (isGone && !settlement && this.owns(queued) && !isOld(queued.event.timestamp)) this.#keep(queued);
      else if (isGone || settlement) this.#forget(uuid);
    }
    if (settled.length > 0) this.#store.remove(settled.map(([{ event }]) => event.uuid));
    for (const [uuid, queued] of waiting) {
      this.#stored.add(uuid);
      if (!this.#events.has(uuid)) this.#events.set(uuid, queued);
    }
    return { settled, expired: found.expired };
  }

  /** Stores what pages left that had no time to see it stored. */
  async #takeUp() {
    const left = leftEvents(this.#url);
    const missing = left.flatMap(({ events }) => events).filter(({ event }) => !this.#events.has(event.uuid));
    await Promise.all(missing.map((queued) => this.#keep(queued)));
    forgetLeft(left);
  }

  /** @param {string} uuid */
  #forget(uuid) {
    this.#events.delete(uuid);
    this.#own.delete(uuid);
    this.#stored.delete(uuid);
  }
}
