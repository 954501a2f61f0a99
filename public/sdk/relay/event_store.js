import { pack, unpack } from './stored_event.js';

/**
 * The events of all pages of this origin that a relay does not have yet, in IndexedDB. A browser may refuse storage, run out of
 * it, or lose it: then nothing is stored and nothing is found, and events live as long as their page.
 *
 * @typedef {import('./event_queue.js').QueuedEvent} QueuedEvent
 *
 * What became of an event at the hands of another page than its own.
 * @typedef {{status: 'safe' | 'duplicate' | 'refused', error?: string}} Settlement
 *
 * @typedef {object} Place
 * @property {number} order when it was made, or settled: milliseconds since 1970, and thousandths to tell those of one page apart
 * @property {Settlement} [settlement] left for the event's own page, by another one that sent it
 *
 * @typedef {import('./stored_event.js').StoredEvent & Place} Entry
 */

const EVENTS = 'events';

/**
 * The relay knows an event again for 72 hours; one that is older might be counted twice if it was sent before. A settlement waits as
 * long: its page may sleep in the background.
 */
const KEEP_MS = 72 * 3600_000;

/** @param {number} time milliseconds since 1970 */
export const isOld = (time) => Date.now() - time > KEEP_MS;

/** A browser may also not answer at all: a tab that is frozen can hold up for as long as it is open what others ask of the store. */
const PATIENCE_MS = 2000;

export class EventStore {
  #name;
  /** @type {Promise<IDBDatabase> | undefined} */
  #database;
  #count = 0;

  /** @param {string} url where the events go: each relay and project has a store of its own */
  constructor(url) {
    this.#name = `sortition-events:${url}`;
  }

  /**
   * @param {QueuedEvent} queued
   * @returns {Promise<boolean>} whether it is stored
   */
  async add(queued) {
    const order = queued.event.timestamp + (this.#count++ % 1000) / 1000;
    return this.#write((events) => events.put({ ...pack(queued), order }));
  }

  /** @param {string[]} uuids */
  async remove(uuids) {
    return this.#write((events) => uuids.forEach((uuid) => events.delete(uuid)));
  }

  /**
   * Leaves word for the page whose event it is, in the event's place.
   * @param {string} uuid
   * @param {Settlement} settlement
   */
  async settle(uuid, settlement) {
    return this.#write((events) => events.put({ uuid, order: Date.now(), settlement }));
  }

  async clear() {
    return this.#write((events) => events.clear());
  }

  /**
   * @returns {Promise<{waiting: QueuedEvent[], settled: Map<string, Settlement>, expired: number} | undefined>} what waits,
   *     oldest first, and how many were too old; undefined where there is no store
   */
  async load() {
    const stored = await this.#run('readonly', (events) => events.getAll());
    if (!stored) return undefined;
    /** @type {Entry[]} */
    const all = stored.result;
    const old = all.filter(({ order }) => isOld(order));
    if (old.length > 0) await this.remove(old.map(({ uuid }) => uuid));
    const young = all.filter((entry) => !old.includes(entry)).sort((a, b) => a.order - b.order);
    return {
      waiting: young.filter(({ settlement }) => !settlement).map(unpack),
      settled: new Map(young.flatMap(({ uuid, settlement }) => (settlement ? [[uuid, settlement]] : []))),
      expired: old.filter(({ settlement }) => !settlement).length,
    };
  }

  /** @param {(events: IDBObjectStore) => unknown} change */
  async #write(change) {
    return (await this.#run('readwrite', change)) !== undefined;
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(events: IDBObjectStore) => T} use
   * @returns {Promise<T | undefined>} undefined when storage does not play along
   */
  #run(mode, use) {
    return new Promise((/** @type {(outcome?: T) => void} */ resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#transact(mode, use).catch(() => undefined).then((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(events: IDBObjectStore) => T} use
   * @returns {Promise<T>}
   */
  async #transact(mode, use) {
    const transaction = (await this.#open()).transaction(EVENTS, mode);
    const outcome = use(transaction.objectStore(EVENTS));
    transaction.commit(); // needs nothing more of the page, which may be about to go
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    return outcome ?? /** @type {T} */ (true);
  }

  /** A connection that the browser closed, for a page that slept or data that was cleared, or did not open, is opened anew. */
  #open() {
    return (this.#database ??= this.#connect().catch((error) => {
      this.#database = undefined;
      throw error;
    }));
  }

  /** @returns {Promise<IDBDatabase>} */
  #connect() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1); // throws where there is none
      request.onupgradeneeded = () => request.result.createObjectStore(EVENTS, { keyPath: 'uuid' });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        database.onclose = () => (this.#database = undefined);
        database.onversionchange = () => {
          database.close();
          this.#database = undefined;
        };
        resolve(database);
      };
    });
  }
}
