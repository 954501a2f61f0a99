/**
 * @typedef {import('./processor.js').EventKind} EventKind
 * @typedef {import('./processor.js').EventProcessor} EventProcessor
 * @typedef {import('./processor.js').ProcessorHost} ProcessorHost
 * @typedef {import('./processor.js').UserEvent} UserEvent
 */

/** How many events wait for the code at most. */
export const MAX_WAITING = 1000;

/**
 * Keeps events in their order until the code is there that takes them further.
 * @template Code
 * @implements {EventProcessor}
 */
export class LateEventProcessor {
  #code;
  #make;
  /** @type {Promise<void> | undefined} */
  #loading;
  /** What takes them further. @type {EventProcessor | undefined} */
  processor;
  /** What waits for it. @type {[UserEvent, EventKind][]} */
  waiting = [];

  /**
   * @param {import('../lib/late_code.js').LateCode<Code>} code
   * @param {(code: Code, host: ProcessorHost) => EventProcessor} make
   */
  constructor(code, make) {
    this.#code = code;
    this.#make = make;
  }

  /** @param {ProcessorHost} host */
  start(host) {
    this.#loading = this.#code.with((code) => {
      const processor = this.#make(code, host);
      processor.start(host);
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) processor.process(...next);
      this.processor = processor;
    }).catch((error) => this.fail(error, host));
  }

  /** The code is not to be had. @param {Error} error @param {ProcessorHost} host */
  fail(error, { logger }) {
    logger.error(error);
  }

  /** @param {UserEvent} event @param {EventKind} kind */
  process(event, kind) {
    if (this.processor) this.processor.process(event, kind);
    else if (this.waiting.push([event, kind]) > MAX_WAITING) this.waiting.shift();
  }

  leave() {
    if (this.processor) this.processor.leave();
    else this.handOver();
  }

  /** Hands over what waits within this call: there may be no later one. */
  handOver() {}

  async stop() {
    if (!this.processor) await this.#loading;
    await this.processor?.stop();
  }
}
