import { messageOf } from './message.js';

/**
 * Code that only some pages need. The first client that does loads it when it starts; for later ones it is there.
 * @template Code a module
 */
export class LateCode {
  /** @type {Code | undefined} */
  #code;
  #purpose;
  #load;

  /**
   * @param {string} purpose as messages call it
   * @param {() => Promise<Code>} load
   */
  constructor(purpose, load) {
    this.#purpose = purpose;
    this.#load = load;
  }

  /**
   * @param {(code: Code) => void} use called within this call when the code is there
   * @returns {Promise<void>} settles once it was called; rejects with an error that says what failed
   */
  with(use) {
    if (this.#code) return Promise.resolve(use(this.#code));
    return this.#load().then(
      (code) => use((this.#code = code)),
      (error) => {
        throw new Error(`The SDK's code for ${this.#purpose} could not be loaded: ${messageOf(error)}`, { cause: error });
      },
    );
  }
}
