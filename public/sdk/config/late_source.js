import { messageOf } from '../lib/message.js';

/**
 * @typedef {import('./manager.js').Sink} Sink
 * @typedef {import('./manager.js').Source} Source
 */

/**
 * Starts a source when its code is there.
 * @template Code
 * @implements {Source}
 */
export class LateSource {
  #code;
  #stopped = false;
  /** @type {Source | undefined} */
  #source;
  #make;

  /**
   * @param {import('../lib/late_code.js').LateCode<Code>} code
   * @param {(code: Code) => Source} make
   */
  constructor(code, make) {
    this.#code = code;
    this.#make = make;
  }

  /** @param {Sink} sink */
  start(sink) {
    this.#code.with((code) => {
      if (this.#stopped) return;
      this.#source = this.#make(code);
      this.#source.start(sink);
    }).catch((error) => sink.fail(messageOf(error), error));
  }

  stop() {
    this.#stopped = true;
    this.#source?.stop();
  }
}
