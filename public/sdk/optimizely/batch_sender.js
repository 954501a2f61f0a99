import { toLogEvent } from '../engine/index.js';
import { inBatches } from '../events/batches.js';
import { attempt } from '../events/dispatcher.js';
import { BATCH_SIZE } from '../defaults.js';
import { Backoff, plusUpTo } from '../lib/backoff.js';
import { browserStore, EventStore } from './event_store.js';

/**
 * @typedef {import('../events/processor.js').EventProcessor} EventProcessor
 * @typedef {import('../events/processor.js').UserEvent} UserEvent
 * @typedef {import('../events/dispatcher.js').EventDispatcher} EventDispatcher
 *
 * @typedef {object} SenderOptions
 * @property {EventDispatcher} dispatcher
 * @property {EventDispatcher} closingDispatcher for the last batch
 * @property {number} [batchSize]
 * @property {number} [flushInterval] milliseconds an event waits for others at most
 * @property {number} [maxRetries]
 * @property {import('../config/polling.js').Store | null} [eventStore]
 * @property {number} [storeTtl] milliseconds that events are kept there
 */

/** How long an event waits for others at most where an application says nothing else, in a page and elsewhere. */
const PAGE_FLUSH_INTERVAL_MS = 1000;
const FLUSH_INTERVAL_MS = 30_000;
const MAX_RETRIES = 2;
const DISPOSABLE_RETRIES = 5;
const STORE_TTL_MS = 10 * 24 * 60 * 60_000;
const STORE_LIMIT = 500;
const FAILED_INTERVAL_MS = 20_000;
const BACKOFF = { first: 200, max: 1000, spread: plusUpTo(50) };

/**
 * Sends events in batches, and keeps each until it was sent.
 * @implements {EventProcessor}
 */
export class BatchSender {
  #options;
  #batchSize;
  #flushInterval;
  #logger;
  #disposable;
  #onDispatch;
  #maxRetries;
  /** @type {UserEvent[]} */
  #queue = [];
  /** What is not kept yet. @type {UserEvent[]} */
  #new = [];
  /** Batches that are to be sent. @type {UserEvent[][]} */
  #ready = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether the queue has no timer yet. */
  #isNew = true;
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

  /** @param {SenderOptions} options @param {import('../events/processor.js').ProcessorHost} host */
  constructor(options, { logger, disposable, onDispatch }) {
    const maxRetries = options.maxRetries ?? MAX_RETRIES;
    this.#options = options;
    this.#logger = logger;
    this.#flushInterval = this.#positive('flushInterval', globalThis.document === undefined ? FLUSH_INTERVAL_MS : PAGE_FLUSH_INTERVAL_MS);
    const batchSize = this.#positive('batchSize', BATCH_SIZE);
    this.#batchSize = disposable ? 1 : batchSize;
    this.#disposable = disposable;
    this.#onDispatch = onDispatch;
    this.#maxRetries = disposable ? Math.min(maxRetries, DISPOSABLE_RETRIES) : maxRetries;
  }

  /** @param {'batchSize' | 'flushInterval'} name @param {number} otherwise */
  #positive(name, otherwise) {
    const { [name]: value = otherwise } = this.#options;
    if (value > 0) return value;
    this.#logger.warn('Invalid %s %s, defaulting to %s', name, value, otherwise);
    return otherwise;
  }

  start() {
    const { eventStore = browserStore(), storeTtl: ttl = STORE_TTL_MS } = this.#options;
    if (!eventStore) return;
    this.#store = new EventStore(eventStore, { logger: this.#logger, ttl, limit: Math.max(STORE_LIMIT, 2 * this.#batchSize) });
    this.#sendKept();
    if (!this.#disposable) this.#again = setInterval(() => this.#sendKept(), FAILED_INTERVAL_MS);
  }

  /** Sends what an earlier visit could not, and again from time to time what this one cannot. */
  async #sendKept() {
    const kept = (await this.#store?.load()) ?? [];
    const idle = kept.filter(({ uuid }) => !this.#busy.has(uuid));
    if (this.#stopped) return;
    for (const batch of inBatches(idle, this.#batchSize)) {
      for (const { uuid } of batch) this.#busy.add(uuid);
      this.#track(this.#send(batch));
    }
  }

  /** @param {UserEvent} event */
  process(event) {
    this.#busy.add(event.uuid);
    if (this.#queue.length > 0 && this.#queue[0].origin.context !== event.origin.context) this.#flush();
    this.#queue.push(event);
    // What takes longer than all else that an event needs is done once the application's code has run, and before any event is sent.
    if (this.#new.push(event) === 1) queueMicrotask(() => this.#afterTask());
    if (this.#queue.length >= this.#batchSize) this.#flush();
  }

  /** The queue waits from the task on in which it began. */
  #setTimer() {
    if (!this.#isNew) return;
    clearTimeout(this.#timer);
    if (this.#queue.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#flush();
      this.#afterTask();
    }, this.#flushInterval);
    this.#isNew = false;
  }

  /** Keeps what is new, in pieces that will mostly be sent whole, and sends what is to be sent. */
  #afterTask() {
    for (const events of inBatches(this.#new.splice(0), this.#batchSize)) this.#store?.keep(events);
    for (const batch of this.#ready.splice(0)) this.#track(this.#send(batch));
    this.#setTimer();
  }

  /** The request follows the call that filled the batch, so that listeners hear of the event before they hear of its dispatch. */
  #flush() {
    this.#ready.push(this.#takeQueue());
  }

  /** @returns {UserEvent[]} what was waiting */
  #takeQueue() {
    const queue = this.#queue;
    this.#queue = [];
    this.#isNew = true;
    return queue;
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
      const dispatched = attempt(this.#options.dispatcher, logEvent);
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
    this.#afterTask();
    if (batch.length === 0) return;
    const logEvent = toLogEvent(batch);
    const dispatched = attempt(this.#options.closingDispatcher, logEvent);
    this.#onDispatch(logEvent);
    this.#track(dispatched.then((problem) => this.#finish(batch, problem)));
  }
}
