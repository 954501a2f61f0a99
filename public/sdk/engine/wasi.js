/**
 * The few functions of WASI preview 1 that Go's runtime imports. A reactor has no files or threads, and arguments, environment and
 * random bytes are what a program asks for when it starts, which the engine did while it was built (wasm/prestart). So all of it comes
 * down to a clock, and a place for Go's last words.
 * https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */

import { decoder } from './wtf8.js';

const SUCCESS = 0;
const NOSYS = 52;

/** How much of what Go writes is kept for an error message. */
const MAX_WORDS = 2000;

/** Thrown when Go ends the program, which only a fatal error does: the instance is of no more use. */
export class EngineExit extends Error {
  /** @param {number} code @param {string} lastWords what Go wrote to its standard error, at most some lines of it */
  constructor(code, lastWords) {
    super(`the engine stopped with code ${code}${lastWords ? `: ${lastWords}` : ''}`);
    this.name = 'EngineExit';
  }
}

const refuse = () => NOSYS;

/**
 * @param {() => ArrayBuffer} memory the instance's memory at the time of the call
 * @returns {WebAssembly.ModuleImports}
 */
export function wasi(memory) {
  const view = () => new DataView(memory());
  let words = '';

  /** @type {WebAssembly.ModuleImports} */
  const asked = {
    /** Nobody in there asks for the time of day. @param {number} _clock @param {bigint} _precision @param {number} out */
    clock_time_get(_clock, _precision, out) {
      view().setBigUint64(out, BigInt(Math.round(performance.now() * 1e6)), true);
      return SUCCESS;
    },

    /** Nobody waits in a reactor: every subscription is answered at once. */
    poll_oneoff: (/** @type {number} */ _in, /** @type {number} */ _out, /** @type {number} */ count, /** @type {number} */ done) => {
      view().setUint32(done, count, true);
      return SUCCESS;
    },

    /** Go has nothing to write to but its standard output and error. @param {number} _fd @param {number} piece of what is written, the first of those there are @param {number} _count @param {number} done */
    fd_write(_fd, piece, _count, done) {
      const v = view();
      const length = v.getUint32(piece + 4, true);
      words = (words + decoder.decode(new Uint8Array(memory(), v.getUint32(piece, true), length))).slice(0, MAX_WORDS);
      v.setUint32(done, length, true);
      return SUCCESS;
    },

    /** @param {number} code */
    proc_exit(code) {
      throw new EngineExit(code, words.trim());
    },
  };
  return new Proxy(asked, { get: (_, name) => asked[/** @type {string} */ (name)] ?? refuse }); // for the rest nobody asks any more
}
