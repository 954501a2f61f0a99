import { Backoff, fullJitter } from '../lib/backoff.js';
import { exclusively } from '../lib/locks.js';
import { messageOf } from '../lib/message.js';
import { isVisible, onHide, onWake } from '../lib/page.js';
import { Delivery, FAREWELL_BYTES, sizeOf } from './delivery.js';
import { EventQueue } from './event_queue.js';
import { bequeath, toRequest, wantsNoEvents } from './farewell.js';

/**
 * @typedef {import('../events/processor.js').EventKind} EventKind
 * @typedef {import('../engine/index.js').UserEvent} UserEvent
 * @typedef {import('./event_queue.js').QueuedEvent} QueuedEvent
 * @typedef {import('./event_processor.js').EventState} EventState
 * @typedef {import('./event_processor.js').QueueState} QueueState
 * @typedef {import('./event_processor.js').RelayEventOptions} RelayEventOptions
 */

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 200;
const QUEUE_SIZE = 1000;
const SILENT = 'The visitor wants no events sent.';
const BACKOFF = { first: 500, max: 30_000, spread: fullJitter };

/** Sends events in batches, again and again until the relay has them. */
export class EventSender {
  #url;
  #onEvent;
  #onQueue;
  #optOut;
  #delivery;
  #queue;
  #backoff = new Backoff(BACKOFF);
  #logger;
  #onDispatch;
  /** @type {(() => void)[]} */
  #unlisten = [];
  /** Until the queue is looked at. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether the timer waits out a failure: then no event may cut the wait short. */
  #backingOff = false;
  #retryAt = 0;
  /** @type {QueuedEvent[]} */
  #underWay = [];
  /** Ends when the queue is empty or must wait. @type {Promise<void> | undefined} */
  #draining;
  /** How many of the oldest go alone, since one of them made the relay refuse their batch. */
  #suspects = 0;
  #dropped = 0;
  #lastState = '';
  #stopped = false;
  /** Whether the page has gone, and not come back. */
  #gone = false;

  /**
   * @param {string} url the relay's
   * @param {RelayEventOptions} options
   * @param {import('../events/processor.js').ProcessorHost} host
   */
  constructor(url, { onEvent = () => {}, onQueue = () => {}, optOut, fetch }, { logger, onDispatch }) {
    this.#logger = logger;
    this.#onDispatch = onDispatch;
    this.#url = url;
    this.#onEvent = onEvent;
    this.#onQueue = onQueue;
    this.#optOut = optOut;
    this.#queue = new EventQueue(this.#url);
    this.#delivery = new Delivery(this.#url, fetch);
  }

  start() {
    this.#unlisten = [onWake(() => this.#wake()), onHide(() => this.#backingOff || this.#hurry())];
    this.#drain(); // what earlier pages left
  }

  /**
   * @param {UserEvent} event
   * @param {EventKind} kind
   */
  process(event, kind) {
    if (this.#isSilent()) {
      const { uuid } = event;
      // As any outcome, it is told after the call that made the event.
      queueMicrotask(() => this.#call(this.#onEvent, { uuid, kind, status: 'refused', error: SILENT }));
      return;
    }
    this.#queue.add({ event, kind });
    this.#tell([{ event, kind }], 'queued');
    if (this.#queue.size > QUEUE_SIZE) this.#dropOldest();
    this.#report();
    if (this.#gone) return this.#leaveBehind([{ event, kind }]);
    if (this.#backingOff || this.#draining) return;
    if (this.#queue.size >= BATCH_SIZE || !isVisible()) this.#drain();
    else this.#timer ??= setTimeout(() => this.#drain(), FLUSH_INTERVAL_MS);
  }

  /** Leaves what waits, and from here on what the application tracks as the page goes. Should the page come back, it is sent again. */
  leave() {
    this.#gone = true;
    if (this.#isSilent()) return;
    this.#leaveBehind(this.#queue.all().filter((queued) => this.#queue.owns(queued) && !this.#underWay.includes(queued)));
  }

  /** Leaves events with the browser, within this call, and what is not stored with the next page: no answer will tell what became of them. @param {QueuedEvent[]} events */
  #leaveBehind(events) {
    for (const batch of farewells(events)) {
      const logEvent = this.#logEvent(batch);
      if (!bequeath(logEvent)) continue;
      this.#tell(batch, 'sent');
      this.#onDispatch(logEvent);
    }
    this.#queue.leave();
  }

  async stop() {
    this.#stopped = true;
    await this.#draining;
    await this.#drain();
    clearTimeout(this.#timer);
    for (const unlisten of this.#unlisten) unlisten();
    if (this.#queue.size > 0) this.#logger.error('%s events did not reach the relay', this.#queue.size);
  }

  /** Whether the visitor wants no events sent. An application that throws when it is asked does not know that they do. */
  #isSilent() {
    try {
      return wantsNoEvents(this.#optOut);
    } catch (thrown) {
      this.#logger.error('optOut threw an exception: %s', messageOf(thrown));
      return true;
    }
  }

  #dropOldest() {
    const oldest = this.#queue.all().find((queued) => !this.#underWay.includes(queued));
    if (oldest) this.#refuse(oldest, 'The queue is full.');
    this.#dropped++;
  }

  /** The page is back, or its network. */
  #wake() {
    this.#gone = false;
    this.#hurry();
  }

  /** The network is back, or the page is about to go: what waits need wait no longer. */
  #hurry() {
    if (this.#draining) this.#draining.then(() => (this.#backingOff ? this.#drain() : undefined));
    else if (this.#queue.size > 0) this.#drain();
  }

  #drain() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backingOff = false;
    this.#draining ??= exclusively(this.#url, () => this.#sendAll()).finally(() => {
      this.#draining = undefined;
      this.#report();
      if (this.#queue.size > 0) this.#timer ??= setTimeout(() => this.#drain(), FLUSH_INTERVAL_MS);
    });
    return this.#draining;
  }

  /** Sends batch after batch until the queue is empty or the relay cannot keep more. */
  async #sendAll() {
    await this.#refresh();
    while (this.#queue.size > 0) {
      if (this.#isSilent()) return this.#silence();
      const batch = this.#queue.peek(this.#suspects > 0 ? 1 : BATCH_SIZE);
      const answer = await this.#send(batch);
      if (answer.outcome === 'later') return this.#postpone(batch, answer);
      this.#backoff.reset();
      this.#settle(batch, answer);
    }
  }

  /** Learns what other pages did, and takes over what they left. */
  async #refresh() {
    const { settled, expired } = await this.#queue.refresh();
    for (const [{ event, kind }, settlement] of settled) this.#call(this.#onEvent, { uuid: event.uuid, kind, ...settlement });
    this.#dropped += expired;
  }

  /** Lets go of everything that waits. */
  #silence() {
    for (const { event, kind } of this.#queue.clear()) {
      this.#call(this.#onEvent, { uuid: event.uuid, kind, status: 'refused', error: SILENT });
    }
  }

  /** @param {QueuedEvent[]} batch */
  async #send(batch) {
    const logEvent = this.#logEvent(batch);
    this.#underWay = batch;
    this.#tell(batch, 'sent');
    const answer = this.#delivery.post(JSON.stringify(logEvent.params));
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
    if (answer.outcome === 'refused') return this.#refuse(batch[0], answer.error);
    const duplicates = answer.outcome === 'safe' ? answer.duplicates : undefined;
    batch.forEach((queued, i) => this.#end(queued, { status: duplicates?.has(i) ? 'duplicate' : 'safe' }));
    this.#report();
  }

  /**
   * @param {QueuedEvent} queued
   * @param {import('./event_queue.js').Settlement} settlement
   */
  #end(queued, settlement) {
    this.#tell([queued], settlement.status, settlement.error);
    this.#queue.settle(queued, settlement);
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
    this.#retryAt = Math.round(Date.now() + wait);
    this.#timer = setTimeout(() => this.#drain(), wait);
  }

  /**
   * @param {QueuedEvent} queued
   * @param {string} error
   */
  #refuse(queued, error) {
    this.#logger.error('An event was refused: %s', error);
    this.#end(queued, { status: 'refused', error });
  }

  /** @param {QueuedEvent[]} batch */
  #logEvent(batch) {
    return toRequest(batch.map(({ event }) => event), this.#url);
  }

  /**
   * @param {QueuedEvent[]} batch
   * @param {EventState['status']} status
   * @param {string} [error]
   */
  #tell(batch, status, error) {
    for (const { event: { uuid }, kind } of batch.filter((queued) => this.#queue.owns(queued))) {
      this.#call(this.#onEvent, error === undefined ? { uuid, kind, status } : { uuid, kind, status, error });
    }
  }

  /** Tells how the queue stands, if that is new. */
  #report() {
    /** @type {QueueState} */
    const state = { waiting: this.#queue.size, dropped: this.#dropped };
    if (this.#backingOff) state.retryAt = this.#retryAt;
    const text = JSON.stringify(state);
    if (text === this.#lastState) return;
    this.#lastState = text;
    this.#call(this.#onQueue, state);
  }

  /**
   * Calls a listener of the application, whose mistakes are not ours.
   * @template T
   * @param {(state: T) => void} listener
   * @param {T} state
   */
  #call(listener, state) {
    try {
      listener(state);
    } catch (thrown) {
      this.#logger.error('A listener of events threw an exception: %s', messageOf(thrown));
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
    if (last && last[0].event.origin.context === queued.event.origin.context && size + bytes <= FAREWELL_BYTES) {
      last.push(queued);
      size += bytes;
    } else {
      batches.push([queued]);
      size = bytes + sizeOf(queued.event.origin.context);
    }
  }
  return batches;
}
