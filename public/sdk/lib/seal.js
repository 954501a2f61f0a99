/**
 * What factories return is opaque: an object that shows nothing, which only the module that made it can open. So an
 * application cannot come to depend on what is inside, and an object of another kind is noticed.
 * @template T
 */
export class Seal {
  #symbol = Symbol();

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
