/** Chance with a seed: the same seed makes the same choices, on every machine. */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** @returns {number} at least 0, less than 1 (mulberry32) */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @param {number} least @param {number} most included */
  int(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /**
   * @template T
   * @param {readonly T[]} list
   * @returns {T}
   */
  pick(list) {
    return list[this.int(0, list.length - 1)];
  }

  /**
   * Mostly the first list's, at times the second's.
   * @template T, O
   * @param {readonly T[]} usual
   * @param {readonly O[]} odd
   * @param {number} [probability] of the odd
   * @returns {T | O}
   */
  mostly(usual, odd, probability = 0.1) {
    return this.chance(probability) || usual.length === 0 ? this.pick(odd) : this.pick(usual);
  }

  /**
   * @template T
   * @param {number} least
   * @param {number} most included
   * @param {(index: number) => T} make
   */
  list(least, most, make) {
    return Array.from({ length: this.int(least, most) }, (_, index) => make(index));
  }

  /**
   * Each with the probability, in their order.
   * @template T
   * @param {readonly T[]} list
   * @param {number} [probability]
   */
  some(list, probability = 0.5) {
    return list.filter(() => this.chance(probability));
  }
}
