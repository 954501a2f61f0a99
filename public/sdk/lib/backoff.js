/** How long to wait before the next try: twice as long each time, spread by chance so that clients do not come in step. */
export class Backoff {
  #spread;
  #first;
  #max;
  #current;

  /**
   * @param {object} options in milliseconds
   * @param {number} options.first
   * @param {number} options.max
   * @param {(wait: number) => number} options.spread adds chance to a wait: fullJitter, or what plusUpTo returns
   */
  constructor({ first, max, spread }) {
    this.#first = first;
    this.#max = max;
    this.#spread = spread;
    this.#current = first;
  }

  /** @returns {number} milliseconds */
  next() {
    const wait = Math.min(this.#current, this.#max);
    this.#current = Math.min(this.#current * 2, this.#max);
    return this.#spread(wait);
  }

  /** Starts over, after a success. */
  reset() {
    this.#current = this.#first;
  }
}

/** Anything from nothing to the whole wait: what spreads a crowd best. @param {number} wait */
export function fullJitter(wait) {
  return Math.random() * wait;
}

/** The wait and up to so many milliseconds more, as the official SDK waits. @param {number} more */
export function plusUpTo(more) {
  return (/** @type {number} */ wait) => wait + Math.random() * more;
}
