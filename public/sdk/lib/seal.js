import { CLIENT_VERSION } from '../version.js';

/**
 * What factories return is opaque: an object that shows nothing, which only the SDK can open, another copy of the same version too. So
 * an application cannot come to depend on what is inside, and an object of another kind is noticed.
 * @template T
 */
export class Seal {
  #symbol;

  /** @param {string} kind of what is wrapped */
  constructor(kind) {
    this.#symbol = Symbol.for(`sortition-sdk ${CLIENT_VERSION} ${kind}`);
  }

  /**
   * @param {T} value
   * @returns {object}
   */
  wrap(value) {
    return { [this.#symbol]: value };
  }

  /**
   * @param {any} opaque what wrap returned, or anything an application may have passed instead
   * @returns {T | undefined}
   */
  open(opaque) {
    return opaque?.[this.#symbol];
  }
}
