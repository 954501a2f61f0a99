import { checkDispatcher, eventDispatcher } from './dispatcher.js';
import { processors } from './processor.js';
import { toLogEvent } from '../engine/index.js';

/** @typedef {import('./processor.js').EventProcessor} EventProcessor */

/**
 * One request for each event, at once and once only.
 * @param {import('./dispatcher.js').EventDispatcher} [dispatcher]
 * @returns {object} for createInstance's `eventProcessor`
 */
export function createForwardingEventProcessor(dispatcher = eventDispatcher) {
  return processors.wrap(new ForwardingEventProcessor(checkDispatcher(dispatcher)));
}

/** @implements {EventProcessor} */
class ForwardingEventProcessor {
  #dispatcher;
  /** Set by start. @type {import('./processor.js').ProcessorHost} */
  #host = /** @type {any} */ (undefined);

  /** @param {import('./dispatcher.js').EventDispatcher} dispatcher */
  constructor(dispatcher) {
    this.#dispatcher = dispatcher;
  }

  #complain = (/** @type {unknown} */ error) => this.#host.logger.error(error);

  /** @param {import('./processor.js').ProcessorHost} host */
  start(host) {
    this.#host = { ...host, logger: host.logger.child('ForwardingEventProcessor') };
  }

  /** @param {import('./processor.js').UserEvent} event */
  process(event) {
    const logEvent = toLogEvent([event]);
    const dispatched = this.#dispatcher.dispatchEvent(logEvent); // what it throws is the caller's to report
    Promise.resolve(dispatched).catch(this.#complain);
    this.#host.onDispatch(logEvent);
  }

  leave() {}

  async stop() {}
}
