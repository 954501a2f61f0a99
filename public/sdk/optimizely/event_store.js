/**
 * Keeps events where they outlive the page, until they were sent: what a visit could not send the next one does. A store that
 * fails loses no more than that.
 */

import { KeptEvent } from '../engine/index.js';
import { messageOf } from '../lib/message.js';

/** @typedef {import('../config/polling.js').Store} Store */
/** @typedef {import('../engine/index.js').UserEvent} UserEvent */

/** What stands under one key: events that are to be sent together. @typedef {{key: string, events: UserEvent[]}} Entry */

/** Not the official SDK's: what each writes the other could not read. */
const PREFIX = 'sortition_events:';

/** One for all stores of a page: two clients may keep events within a millisecond. */
let count = 0;

/** The browser's own store; undefined where there is none, as in Node. @returns {Store | undefined} */
export function browserStore() {
  try {
    const storage = globalThis.document && globalThis.localStorage;
    return storage && {
      operation: 'sync',
      get: (key) => storage.getItem(key) ?? undefined,
      set: (key, value) => storage.setItem(key, value),
      remove: (key) => storage.removeItem(key),
      getKeys: () => Object.keys(storage),
    };
  } catch {
    return undefined; // a page may be refused even the look at it
  }
}

export class EventStore {
  #store;
  #logger;
  #ttl;
  #limit;
  /** Where events are, by uuid. @type {Map<string, Entry>} */
  #entries = new Map();
  /** The last operation of a store that takes its time: they are made one after the other. */
  #last = Promise.resolve();

  /**
   * @param {Store} store
   * @param {object} options
   * @param {import('../lib/logger.js').Logger} options.logger
   * @param {number} options.ttl milliseconds that an event is kept
   * @param {number} options.limit how many events are kept; more are only sent
   */
  constructor(store, { logger, ttl, limit }) {
    this.#store = store;
    this.#logger = logger;
    this.#ttl = ttl;
    this.#limit = limit;
  }

  /** Keeps events of one context, which takes hardly longer than to keep one of them. @param {UserEvent[]} events at least one */
  keep(events) {
    if (this.#entries.size >= this.#limit) return;
    const [{ uuid, timestamp }] = events;
    const entry = { key: `${PREFIX}${timestamp}-${String(count++).padStart(6, '0')}-${uuid}`, events };
    for (const event of events) this.#entries.set(event.uuid, entry);
    this.#write(entry);
  }

  /** @param {Entry} entry */
  #write({ key, events }) {
    const { url, envelope } = events[0].origin;
    this.#act(() => this.#store.set(key, JSON.stringify({ url, envelope, visitors: events.map(({ params }) => params) })));
  }

  /** @param {UserEvent[]} events that were sent */
  drop(events) {
    /** @type {Set<Entry>} */
    const entries = new Set();
    for (const { uuid } of events) {
      const entry = this.#entries.get(uuid);
      if (entry) entries.add(entry);
      this.#entries.delete(uuid);
    }
    for (const entry of entries) {
      entry.events = entry.events.filter(({ uuid }) => this.#entries.has(uuid));
      if (entry.events.length > 0) this.#write(entry);
      else this.#act(() => this.#store.remove(entry.key));
    }
  }

  /** What is kept, this page's and that of earlier ones, oldest first. What is too old or none of ours is removed. @returns {Promise<UserEvent[]>} */
  async load() {
    try {
      /** @type {string[]} */
      const found = await this.#store.getKeys();
      const keys = found.filter((key) => key.startsWith(PREFIX)).sort();
      return (await Promise.all(keys.map((key) => this.#read(key)))).flat();
    } catch (error) {
      this.#complain(error);
      return [];
    }
  }

  /** @param {string} key @returns {Promise<UserEvent[]>} */
  async #read(key) {
    const text = await this.#store.get(key);
    const events = parse(text).filter(({ timestamp }) => timestamp + this.#ttl > Date.now());
    if (events.length > 0) {
      const entry = this.#entries.get(events[0].uuid) ?? { key, events };
      for (const { uuid } of events) this.#entries.set(uuid, entry);
    } else if (text !== undefined) this.#act(() => this.#store.remove(key));
    return events;
  }

  /** Resolves once all that was asked of the store is done. */
  settle() {
    return this.#last;
  }

  /** At once where the store is quick: the page may be gone later. @param {() => unknown} act */
  #act(act) {
    if (this.#store.operation === 'async') {
      this.#last = this.#last.then(async () => void (await act())).catch((error) => this.#complain(error));
      return;
    }
    try {
      act();
    } catch (error) {
      this.#complain(error);
    }
  }

  /** @param {unknown} error */
  #complain(error) {
    this.#logger.warn('The event store failed: %s', messageOf(error));
  }
}

/** @param {unknown} text @returns {UserEvent[]} none where it is damaged */
function parse(text) {
  try {
    const { url, envelope, visitors } = JSON.parse(String(text));
    JSON.parse(`${envelope}]}`);
    return visitors.map((/** @type {import('../engine/event.js').Visitor} */ visitor) => {
      const [{ uuid, timestamp }] = visitor.snapshots[0].events;
      return new KeptEvent({ uuid: String(uuid), timestamp, url, envelope, visitor: JSON.stringify(visitor) });
    });
  } catch {
    return [];
  }
}
