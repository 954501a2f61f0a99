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
  #name;
  /** @type {Promise<void> | undefined} */
  #loading;
  #make;
  /** What takes them further. @type {EventProcessor | undefined} */
  processor;
  /** What waits for it. @type {[UserEvent, EventKind][]} */
  waiting = [];
  /** Set by start. @type {ProcessorHost} */
  host = /** @type {any} */ (undefined);
  stopped = false;

  /**
   * @param {string} name in the log
   * @param {import('../lib/late_code.js').LateCode<Code>} code
   * @param {(code: Code, host: ProcessorHost) => EventProcessor} make
   */
  constructor(name, code, make) {
    this.#name = name;
    this.#code = code;
    this.#make = make;
  }

  /** @param {ProcessorHost} host */
  start(host) {
    this.host = { ...host, logger: host.logger.child(this.#name) };
    this.#loading = this.#code.with((code) => {
      const processor = this.#make(code, this.host);
      processor.start(this.host);
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) processor.process(...next);
      this.processor = processor;
    }).catch((error) => this.fail(error));
  }

  /** The code is not to be had. @param {Error} error */
  fail(error) {
    this.host.logger.error(error);
  }

  /** @param {UserEvent} event @param {EventKind} kind */
  process(event, kind) {
    if (this.stopped) this.host.logger.error('%s not running', this.#name);
    else this.take(event, kind);
  }

  /** What was once taken is kept, whether this was stopped meanwhile or not. @param {UserEvent} event @param {EventKind} kind */
  take(event, kind) {
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
    this.stopped = true;
    if (!this.processor) await this.#loading;
    if (this.processor) await this.processor.stop();
    else this.handOver(); // the code is not to be had
  }
}
