import { inBatches } from './batches.js';
import { optimizelyCode } from '../optimizely/late.js';
import { toLogEvent } from '../engine/index.js';
import { processors } from './processor.js';
import { attempt, checkDispatcher, eventDispatcher, getSendBeaconEventDispatcher } from './dispatcher.js';
import { LateEventProcessor, MAX_WAITING } from './late_processor.js';
import { BATCH_SIZE } from '../defaults.js';

/**
 * @typedef {import('./processor.js').EventKind} EventKind
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

/**
 * Several events in one request, with retries. Events of different contexts never share a request.
 * @param {BatchOptions} [options]
 * @returns {object} for createInstance's `eventProcessor`
 */
export function createBatchEventProcessor(options = {}) {
  const dispatcher = checkDispatcher(options.eventDispatcher || eventDispatcher);
  const closing = options.closingEventDispatcher || (options.eventDispatcher ? undefined : getSendBeaconEventDispatcher());
  return processors.wrap(new BatchEventProcessor({ ...options, closingDispatcher: closing ? checkDispatcher(closing) : dispatcher, dispatcher }));
}

/**
 * Has events wait for the code that sends them. What still waits at the end is sent without it; without any such code everything is,
 * once and at once.
 * @extends {LateEventProcessor<import('../optimizely/late.js').OptimizelyCode>}
 */
class BatchEventProcessor extends LateEventProcessor {
  #options;
  #hasFailed = false;
  /** Ends when all that was handed over was sent, or waits again. @type {Promise<unknown> | undefined} */
  #sent;

  /** @param {BatchOptions & {dispatcher: EventDispatcher, closingDispatcher: EventDispatcher}} options */
  constructor(options) {
    super('BatchEventProcessor', optimizelyCode, ({ BatchSender }, host) => new BatchSender(options, host));
    this.#options = options;
  }

  /** @override @param {Error} error */
  fail(error) {
    super.fail(error);
    this.#hasFailed = true;
    this.handOver();
  }

  /** @override @param {UserEvent} event @param {EventKind} kind */
  take(event, kind) {
    super.take(event, kind);
    if (this.#hasFailed || this.waiting.length === MAX_WAITING) this.handOver();
  }

  /** @override What cannot be sent waits again. */
  handOver() {
    const kinds = new Map(this.waiting.splice(0));
    const size = this.host.disposable ? 1 : this.#options.batchSize ?? BATCH_SIZE;
    for (const batch of inBatches([...kinds.keys()], size)) this.#sent = Promise.all([this.#sent, this.#send(batch, kinds)]);
  }

  /** @param {UserEvent[]} batch @param {Map<UserEvent, EventKind>} kinds */
  async #send(batch, kinds) {
    const logEvent = toLogEvent(batch);
    const dispatched = attempt(this.#options.closingDispatcher, logEvent);
    this.host.onDispatch(logEvent);
    const problem = await dispatched;
    if (!problem) return;
    this.host.logger.error(problem);
    for (const event of batch) super.take(event, /** @type {EventKind} */ (kinds.get(event)));
  }

  /** @override */
  async stop() {
    this.stopped = true;
    if (!this.processor) {
      this.handOver();
      await this.#sent;
    }
    await super.stop();
  }
}
