import { toLogEvent } from '../engine/index.js';
import { wrapEventProcessor } from '../events/processor.js';
import { Backoff, fullJitter } from '../lib/backoff.js';
import { silent } from '../lib/logger.js';
import { messageOf } from '../lib/message.js';
import { onWake } from '../lib/page.js';
import { relayAddress } from './address.js';
import { Delivery, FAREWELL_BYTES, sizeOf } from './delivery.js';
import { MemoryEventQueue } from './event_queue.js';

/**
 * @typedef {import('../events/processor.js').EventProcessor} EventProcessor
 * @typedef {import('../events/processor.js').EventKind} EventKind
 * @typedef {import('../engine/index.js').UserEvent} UserEvent
 * @typedef {import('./event_queue.js').QueuedEvent} QueuedEvent
 *
 * What became of an event: it waits, it is on its way, the relay has it on disk, or it never will have it.
 * @typedef {object} EventState
 * @property {string} uuid
 * @property {EventKind} kind
 * @property {'queued' | 'sent' | 'safe' | 'refused'} status
 * @property {string} [error] why it waits again, or was refused
 *
 * @typedef {object} RelayEventOptions
 * @property {string} [relayUrl] default: the page's own origin
 * @property {string} [sdkKey] counts the events for this project; default: the relay finds the project by its ids
 * @property {(state: EventState) => void} [onEvent] told of each step of each event
 */

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 200;
const QUEUE_SIZE = 1000;
const BACKOFF = { first: 500, max: 30_000, spread: fullJitter };

/**
 * Takes events to a relay, and keeps each until the relay has it on disk. Results are live within a second.
 * @param {RelayEventOptions} [options]
 * @returns {object} for createInstance's `eventProcessor`
 */
export function createRelayEventProcessor(options = {}) {
  return wrapEventProcessor(new RelayEventProcessor(options));
}

/** @implements {EventProcessor} */
class RelayEventProcessor {
  #url;
  #onEvent;
  #delivery;
  #queue = new MemoryEventQueue();
  #backoff = new Backoff(BACKOFF);
  #logger = silent;
  /** @type {(logEvent: import('../events/processor.js').LogEvent) => void} */
  #onDispatch = () => {};
  #stopWaking = () => {};
  /** Until the queue is looked at. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether the timer waits out a failure: then no event may cut the wait short. */
  #backingOff = false;
  /** @type {QueuedEvent[]} */
  #underWay = [];
  /** Ends when the queue is empty or must wait. @type {Promise<void> | undefined} */
  #draining;
  /** How many of the oldest go alone, since one of them made the relay refuse their batch. */
  #suspects = 0;
  #stopped = false;

  /** @param {RelayEventOptions} options */
  constructor({ relayUrl = '', sdkKey, onEvent = () => {} }) {
    const url = relayAddress(relayUrl, 'v1/events');
    if (sdkKey) url.searchParams.set('sdkKey', sdkKey);
    this.#url = String(url);
    this.#onEvent = onEvent;
    this.#delivery = new Delivery(this.#url);
  }

  /** @param {import('../events/processor.js').ProcessorHost} host */
  start({ logger, onDispatch }) {
    this.#logger = logger.child('RelayEventProcessor');
    this.#onDispatch = onDispatch;
    this.#stopWaking = onWake(() => this.#hurry());
  }

  /**
   * @param {UserEvent} event
   * @param {EventKind} kind
   */
  process(event, kind) {
    if (this.#stopped) {
      this.#logger.error('%s not running', 'RelayEventProcessor');
      return;
    }
    this.#queue.add({ event, kind });
    this.#tell([{ event, kind }], 'queued');
    if (this.#queue.size > QUEUE_SIZE) this.#refuse(this.#queue.peek(1), 'The queue is full.');
    if (this.#backingOff || this.#draining) return;
    if (this.#queue.size >= BATCH_SIZE) this.#drain();
    else this.#timer ??= setTimeout(() => this.#drain(), FLUSH_INTERVAL_MS);
  }

  /** Leaves with the browser what is not under way. It stays in the queue: should the page come back, it is sent again. */
  leave() {
    const underWay = new Set(this.#underWay);
    const waiting = this.#queue.all().filter((queued) => !underWay.has(queued));
    for (const batch of farewells(waiting)) {
      const logEvent = this.#logEvent(batch);
      if (!this.#delivery.bequeath(logEvent.body)) continue;
      this.#tell(batch, 'sent');
      this.#onDispatch(logEvent);
    }
  }

  async stop() {
    this.#stopped = true;
    this.#stopWaking();
    await this.#draining;
    await this.#drain();
    clearTimeout(this.#timer);
    if (this.#queue.size > 0) this.#logger.error('%s events did not reach the relay', this.#queue.size);
  }

  /** The network is back: what waits need wait no longer. */
  #hurry() {
    if (this.#queue.size > 0 && !this.#draining) this.#drain();
  }

  #drain() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backingOff = false;
    this.#draining ??= this.#sendAll().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  /** Sends batch after batch until the queue is empty or the relay cannot keep more. */
  async #sendAll() {
    while (this.#queue.size > 0) {
      const batch = this.#queue.peek(this.#suspects > 0 ? 1 : BATCH_SIZE);
      const answer = await this.#send(batch);
      if (answer.outcome === 'later') return this.#postpone(batch, answer);
      this.#backoff.reset();
      this.#settle(batch, answer);
    }
  }

  /** @param {QueuedEvent[]} batch */
  async #send(batch) {
    const logEvent = this.#logEvent(batch);
    this.#underWay = batch;
    this.#tell(batch, 'sent');
    const answer = this.#delivery.post(logEvent.body);
    this.#onDispatch(logEvent);
    try {
      return await answer;
    } finally {
      this.#underWay = [];
    }
  }

  /**
   * @param {QueuedEvent[]} batch
   * @param {import('./delivery.js').Answer} answer
   */
  #settle(batch, answer) {
    if (answer.outcome === 'refused' && batch.length > 1) {
      this.#suspects = batch.length;
      return;
    }
    this.#suspects = Math.max(0, this.#suspects - 1);
    if (answer.outcome === 'refused') return this.#refuse(batch, answer.error);
    this.#queue.remove(batch);
    this.#tell(batch, 'safe');
  }

  /**
   * @param {QueuedEvent[]} batch
   * @param {{error: string, retryAfterMs?: number}} answer
   */
  #postpone(batch, { error, retryAfterMs = 0 }) {
    this.#tell(batch, 'queued', error);
    if (this.#stopped) return;
    const wait = Math.max(retryAfterMs, this.#backoff.next());
    this.#logger.warn('%s Next attempt in %s ms', error, Math.round(wait));
    this.#backingOff = true;
    this.#timer = setTimeout(() => this.#drain(), wait);
  }

  /**
   * @param {QueuedEvent[]} batch
   * @param {string} error
   */
  #refuse(batch, error) {
    this.#queue.remove(batch);
    this.#logger.error('The relay refused an event: %s', error);
    this.#tell(batch, 'refused', error);
  }

  /** @param {QueuedEvent[]} batch */
  #logEvent(batch) {
    return Object.assign(toLogEvent(batch.map(({ event }) => event)), { url: this.#url });
  }

  /**
   * @param {QueuedEvent[]} batch
   * @param {EventState['status']} status
   * @param {string} [error]
   */
  #tell(batch, status, error) {
    for (const { event: { uuid }, kind } of batch) {
      try {
        this.#onEvent(error === undefined ? { uuid, kind, status } : { uuid, kind, status, error });
      } catch (thrown) {
        this.#logger.error('onEvent threw an exception: %s', messageOf(thrown));
      }
    }
  }
}

/**
 * Splits events into batches a browser still sends when the page is gone.
 * @param {QueuedEvent[]} waiting
 */
function farewells(waiting) {
  /** @type {QueuedEvent[][]} */
  const batches = [];
  let size = 0;
  for (const queued of waiting) {
    const last = batches.at(-1);
    const bytes = sizeOf(queued.event.visitor) + 1;
    if (last && last[0].event.context === queued.event.context && size + bytes <= FAREWELL_BYTES) {
      last.push(queued);
      size += bytes;
    } else {
      batches.push([queued]);
      size = bytes + sizeOf(queued.event.context);
    }
  }
  return batches;
}
