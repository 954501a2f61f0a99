/**
 * Keeps events where they outlive the page, until they were sent: what a visit could not send the next one does. A store that
 * fails loses no more than that.
 */

import { KeptEvent } from '../engine/index.js';
import { messageOf } from '../lib/message.js';

/** @typedef {import('../config/polling.js').Store} Store */
/** @typedef {import('../engine/index.js').UserEvent} UserEvent */

/** Not the official SDK's: what each writes the other could not read. */
const PREFIX = 'sortition_event:';

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
  /** Where this page's events are. @type {Map<string, string>} */
  #keys = new Map();
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

  /** @param {UserEvent} event */
  keep({ uuid, timestamp, origin: { url, envelope }, visitor }) {
    if (this.#keys.size >= this.#limit) return;
    const key = `${PREFIX}${timestamp}-${String(count++).padStart(6, '0')}-${uuid}`;
    this.#keys.set(uuid, key);
    this.#act(() => this.#store.set(key, JSON.stringify({ uuid, timestamp, url, envelope, visitor })));
  }

  /** @param {UserEvent[]} events that were sent */
  drop(events) {
    for (const { uuid } of events) {
      const key = this.#keys.get(uuid);
      this.#keys.delete(uuid);
      if (key) this.#act(() => this.#store.remove(key));
    }
  }

  /** What is kept, this page's and that of earlier ones, oldest first. What is too old or none of ours is removed. @returns {Promise<UserEvent[]>} */
  async load() {
    try {
      /** @type {string[]} */
      const found = await this.#store.getKeys();
      const keys = found.filter((key) => key.startsWith(PREFIX)).sort();
      return (await Promise.all(keys.map((key) => this.#read(key)))).filter((event) => event !== undefined);
    } catch (error) {
      this.#complain(error);
      return [];
    }
  }

  /** @param {string} key */
  async #read(key) {
    const text = await this.#store.get(key);
    const event = parse(text);
    if (event && event.timestamp + this.#ttl > Date.now()) {
      this.#keys.set(event.uuid, key);
      return event;
    }
    if (text !== undefined) this.#act(() => this.#store.remove(key));
    return undefined;
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

/** @param {unknown} text @returns {UserEvent | undefined} */
function parse(text) {
  try {
    const { uuid, timestamp, url, envelope, visitor } = JSON.parse(String(text));
    JSON.parse(`${envelope}${visitor}]}`);
    return new KeptEvent({ uuid, timestamp, url, envelope, visitor });
  } catch {
    return undefined;
  }
}
