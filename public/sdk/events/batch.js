import { toLogEvent } from '../engine/index.js';
import { Backoff, plusUpTo } from '../lib/backoff.js';
import { silent } from '../lib/logger.js';
import { checkDispatcher, eventDispatcher, getSendBeaconEventDispatcher } from './dispatcher.js';
import { wrapEventProcessor } from './processor.js';
import { browserStore, EventStore } from './store.js';

/**
 * @typedef {import('./processor.js').EventProcessor} EventProcessor
 * @typedef {import('./processor.js').UserEvent} UserEvent
 * @typedef {import('./dispatcher.js').EventDispatcher} EventDispatcher
 *
 * @typedef {object} BatchOptions
 * @property {EventDispatcher} [eventDispatcher]
 * @property {EventDispatcher} [closingEventDispatcher] for the last batch; default: beacons in a page that uses the default dispatcher
 * @property {number} [batchSize] default 10
 * @property {number} [flushInterval] milliseconds an event waits for others at most; default 1000 in a page, 30000 elsewhere
 * @property {number} [maxRetries] default 2
 * @property {import('../config/polling.js').Store | null} [eventStore] keeps events until they were sent, for the next visit too; default: localStorage in a page
 * @property {number} [storeTtl] milliseconds that they are kept; default ten days
 */

const BATCH_SIZE = 10;
const PAGE_FLUSH_INTERVAL_MS = 1000;
const FLUSH_INTERVAL_MS = 30_000;
const MAX_RETRIES = 2;
const DISPOSABLE_RETRIES = 5;
const STORE_TTL_MS = 10 * 24 * 60 * 60_000;
const STORE_LIMIT = 500;
const FAILED_INTERVAL_MS = 20_000;
const BACKOFF = { first: 200, max: 1000, spread: plusUpTo(50) };

/**
 * Several events in one request, with retries. Events of different contexts never share a request.
 * @param {BatchOptions} [options]
 * @returns {object} for createInstance's `eventProcessor`
 */
export function createBatchEventProcessor(options = {}) {
  return wrapEventProcessor(new BatchEventProcessor(options));
}

/** @implements {EventProcessor} */
class BatchEventProcessor {
  #options;
  #dispatcher;
  #closingDispatcher;
  #batchSize = BATCH_SIZE;
  #flushInterval = FLUSH_INTERVAL_MS;
  #maxRetries;
  #logger = silent;
  /** @type {(logEvent: import('./processor.js').LogEvent) => void} */
  #onDispatch = () => {};
  /** @type {UserEvent[]} */
  #queue = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Ends when its batch was sent or given up. @type {Set<Promise<void>>} */
  #sending = new Set();
  /** Ends the wait before a retry. @type {Set<() => void>} */
  #waiting = new Set();
  #stopped = false;
  /** @type {EventStore | undefined} */
  #store;
  /** Uuids of what waits or is being sent. @type {Set<string>} */
  #busy = new Set();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #again;

  /** @param {BatchOptions} options */
  constructor(options) {
    this.#options = options;
    this.#dispatcher = checkDispatcher(options.eventDispatcher ?? eventDispatcher);
    const closing = options.closingEventDispatcher ?? (options.eventDispatcher ? undefined : getSendBeaconEventDispatcher());
    this.#closingDispatcher = closing ? checkDispatcher(closing) : this.#dispatcher;
    this.#maxRetries = options.maxRetries ?? MAX_RETRIES;
  }

  /** @param {import('./processor.js').ProcessorHost} host */
  start({ logger, disposable, onDispatch }) {
    this.#logger = logger.child('BatchEventProcessor');
    this.#onDispatch = onDispatch;
    const interval = globalThis.document === undefined ? FLUSH_INTERVAL_MS : PAGE_FLUSH_INTERVAL_MS;
    this.#flushInterval = this.#positive('flushInterval', this.#options.flushInterval, interval);
    this.#batchSize = this.#positive('batchSize', this.#options.batchSize, BATCH_SIZE);
    if (disposable) {
      this.#batchSize = 1;
      this.#maxRetries = Math.min(this.#maxRetries, DISPOSABLE_RETRIES);
    }
    this.#openStore(disposable);
  }

  /** Sends what an earlier visit could not, and again from time to time what this one cannot. @param {boolean} disposable */
  #openStore(disposable) {
    const { eventStore = browserStore(), storeTtl: ttl = STORE_TTL_MS } = this.#options;
    if (!eventStore) return;
    this.#store = new EventStore(eventStore, { logger: this.#logger, ttl, limit: Math.max(STORE_LIMIT, 2 * this.#batchSize) });
    this.#sendKept();
    if (!disposable) this.#again = setInterval(() => this.#sendKept(), FAILED_INTERVAL_MS);
  }

  async #sendKept() {
    const kept = (await this.#store?.load()) ?? [];
    const idle = kept.filter(({ uuid }) => !this.#busy.has(uuid));
    while (idle.length > 0 && !this.#stopped) {
      const other = idle.findIndex((event, index) => index === this.#batchSize || event.context !== idle[0].context);
      const batch = idle.splice(0, other === -1 ? idle.length : other);
      for (const { uuid } of batch) this.#busy.add(uuid);
      this.#track(this.#send(batch));
    }
  }

  /**
   * @param {string} name
   * @param {number | undefined} value
   * @param {number} otherwise
   */
  #positive(name, value, otherwise) {
    if (value === undefined) return otherwise;
    if (value > 0) return value;
    this.#logger.warn('Invalid %s %s, defaulting to %s', name, value, otherwise);
    return otherwise;
  }

  /** @param {UserEvent} event */
  process(event) {
    if (this.#stopped) {
      this.#logger.error('%s not running', 'BatchEventProcessor');
      return;
    }
    this.#busy.add(event.uuid);
    this.#store?.keep(event);
    if (this.#queue.length > 0 && this.#queue[0].context !== event.context) this.#flush();
    this.#queue.push(event);
    if (this.#queue.length >= this.#batchSize) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#flushInterval);
  }

  /** The request follows the call that filled the batch, so that listeners hear of the event before they hear of its dispatch. */
  #flush() {
    const batch = this.#takeQueue();
    this.#track(Promise.resolve().then(() => this.#send(batch)));
  }

  /** @returns {UserEvent[]} what was waiting */
  #takeQueue() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#queue.splice(0);
  }

  /** @param {Promise<void>} sending */
  #track(sending) {
    this.#sending.add(sending);
    sending.finally(() => this.#sending.delete(sending));
  }

  /** @param {UserEvent[]} batch */
  async #send(batch) {
    const logEvent = toLogEvent(batch);
    const backoff = new Backoff(BACKOFF);
    for (let retries = this.#maxRetries; ; retries--) {
      const dispatched = this.#attempt(this.#dispatcher, logEvent);
      if (retries === this.#maxRetries) this.#onDispatch(logEvent);
      const problem = await dispatched;
      if (!problem || retries <= 0 || this.#stopped) return this.#finish(batch, problem);
      await this.#pause(backoff.next());
    }
  }

  /** @param {UserEvent[]} batch @param {unknown} problem undefined when it was sent */
  #finish(batch, problem) {
    for (const { uuid } of batch) this.#busy.delete(uuid);
    if (problem) this.#logger.error(problem);
    else this.#store?.drop(batch);
  }

  /**
   * @param {EventDispatcher} dispatcher
   * @param {import('./processor.js').LogEvent} logEvent
   * @returns {Promise<unknown>} what went wrong, undefined if nothing did
   */
  async #attempt(dispatcher, logEvent) {
    try {
      const { statusCode } = await dispatcher.dispatchEvent(logEvent);
      const failed = statusCode && (statusCode < 200 || statusCode >= 400);
      return failed ? new Error(`Failed to dispatch events, status: ${statusCode}`) : undefined;
    } catch (error) {
      return error ?? new Error('Failed to dispatch events');
    }
  }

  /** Waits, but no longer than until the end. @param {number} wait */
  #pause(wait) {
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const timer = setTimeout(done, wait);
      const waiting = this.#waiting;
      waiting.add(done);
      function done() {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
    });
  }

  leave() {
    this.#close();
  }

  async stop() {
    this.#stopped = true;
    clearInterval(this.#again);
    this.#close();
    for (const done of this.#waiting) done(); // each batch gets the attempt it was waiting for, and no more
    await Promise.all(this.#sending);
    await this.#store?.settle();
  }

  /** Sends what is waiting within this call: there may be no later one. */
  #close() {
    const batch = this.#takeQueue();
    if (batch.length === 0) return;
    const logEvent = toLogEvent(batch);
    const dispatched = this.#attempt(this.#closingDispatcher, logEvent);
    this.#onDispatch(logEvent);
    this.#track(dispatched.then((problem) => this.#finish(batch, problem)));
  }
}
