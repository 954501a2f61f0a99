/**
 * The few functions of WASI preview 1 that Go's runtime imports. A reactor has no files or threads, and arguments, environment and
 * random bytes are what a program asks for when it starts, which the engine did while it was built (wasm/prestart). So all of it comes
 * down to a clock, and a place for Go's last words.
 * https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */

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
    /** @param {number} clock 0 wall, 1 monotonic @param {bigint} _precision @param {number} out */
    clock_time_get(clock, _precision, out) {
      const ms = clock === 0 ? Date.now() : performance.now();
      view().setBigUint64(out, BigInt(Math.round(ms * 1e6)), true);
      return SUCCESS;
    },

    /** Nobody waits in a reactor: every subscription is answered at once. */
    poll_oneoff: (/** @type {number} */ _in, /** @type {number} */ _out, /** @type {number} */ count, /** @type {number} */ done) => {
      view().setUint32(done, count, true);
      return SUCCESS;
    },

    /** Go has nothing to write to but its standard output and error. @param {number} _fd @param {number} iovs @param {number} count @param {number} done */
    fd_write(_fd, iovs, count, done) {
      const v = view();
      let total = 0;
      for (let i = 0; i < count; i++) {
        const length = v.getUint32(iovs + 8 * i + 4, true);
        const bytes = new Uint8Array(memory(), v.getUint32(iovs + 8 * i, true), length);
        words = (words + new TextDecoder().decode(bytes)).slice(0, MAX_WORDS);
        total += length;
      }
      v.setUint32(done, total, true);
      return SUCCESS;
    },

    /** @param {number} code */
    proc_exit(code) {
      throw new EngineExit(code, words.trim());
    },
  };
  return new Proxy(asked, { get: (_, name) => asked[/** @type {string} */ (name)] ?? refuse }); // for the rest nobody asks any more
}
