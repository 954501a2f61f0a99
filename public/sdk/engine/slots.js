/** More keys than this are looked up each time. */
const MAX_SEEN = 64;

/**
 * The numbers that the engine gives attribute keys. An application's attribute objects nearly always have the same keys in the
 * same order, so what was found at a place the last time is tried first; that saves a look-up of each key on each call.
 */
export class Slots {
  /** @type {number[]} */
  #found = [];
  /** @type {Map<string, number>} */
  #slots = new Map();
  /** @type {string[]} */
  #seen = [];

  /** @param {string[]} keys by slot */
  constructor(keys) {
    keys.forEach((key, slot) => this.#slots.set(key, slot));
  }

  /**
   * @param {string} key
   * @param {number} place which of its object's keys it is
   * @returns {number} the slot; -1 when the datafile does not know the key
   */
  find(key, place) {
    return this.#seen[place] === key ? this.#found[place] : this.#look(key, place);
  }

  /** @param {string} key @param {number} place */
  #look(key, place) {
    const slot = this.#slots.get(key) ?? -1;
    if (place < MAX_SEEN) {
      this.#seen[place] = key;
      this.#found[place] = slot;
    }
    return slot;
  }
}
