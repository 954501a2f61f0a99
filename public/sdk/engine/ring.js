/**
 * A ring is where users cross: the host writes them one behind the other, and decisions read them. wasm/ring.go is its twin;
 * the two name the same offsets in the same order. All numbers are little-endian.
 *
 * A user of a context stays until the host needs their place, thousands of users later, and so is written once for many decisions. None
 * crosses the ring's end; whoever is too long for it gets a larger one.
 *
 * A user is a header, texts, which are their id and the one that replaces it in the hash, and from the next multiple of eight bytes on their
 * attributes: the slot (int32), what it is (int32, see below), and then a number (float64), or a text up to the next multiple of eight.
 */

import * as Layout from './layout.js';
import { encode, MAX_BYTES } from './wtf8.js';
import { hasOwnProperty } from './own.js';
import { Views } from './views.js';
import { AttributeError } from './errors.js';

/**
 * @typedef {import('./user.js').User} User
 * @typedef {import('./slots.js').Slots} Slots
 */

/** What is written at most behind the end of the room for a user. */
const MARGIN = 64;

/** How much of all rings was ever written, and what was passed over. */
let written = 0;

/** Writes users into one instance's memory. */
export class Ring extends Views {
  /** Those of the project whose engine knows that user from its last call, as long as they are where they were, if it is one of a context; null while somebody is written. @type {Slots | false | null | undefined} */
  #slots;
  #make;
  #size = 1 << 21;
  /** For a user. */
  #room = 4096;
  /** Where the user of a context was written who was asked for last: to keep the user would take time, as the collector is told. @type {number | undefined} */
  #at;
  #start = 0;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {(size: number) => number} make the export that makes a ring and tells where
   */
  constructor(memory, make) {
    super(memory);
    this.#make = make;
    this.#renew();
  }

  /**
   * Writes a user for decisions, unless they are there already: of the attributes those that have a slot and that are asked about. Throws an
   * AttributeError when any has no value, unless that may be.
   * @param {User} user
   * @param {Slots} slots
   * @returns {number} their place, as an export takes it
   */
  user(user, slots) {
    if (this.#slots === slots && user.at === this.#at) return Layout.asBefore;
    const isThere = user.slots === slots && /** @type {number} */ (user.at) > written - this.#size + 2 * this.#room;
    const place = isThere ? this.#placeOf(/** @type {number} */ (user.at)) : this.keep(user, slots);
    this.#at = user.at;
    this.#slots = user.isOfContext && slots;
    return place;
  }

  /**
   * Writes a user, one of a context for decisions to come, and tells where. Throws an AttributeError when any attribute has no value, unless that
   * may be: as in a context that is not new.
   * @param {User} user
   * @param {Slots} slots
   * @param {boolean} [isNew]
   * @returns {number}
   */
  keep(user, slots, isNew) {
    this.#slots = null; // as whom the engine knows may have been there
    const left = this.#size - this.#placeOf(written);
    if (left < this.#room) written += left;
    const at = written;
    const place = this.#placeOf(at);
    const length = this.#write(user, slots, user.isOfContext && !isNew, this.#start + place);
    if (at !== written || this.#slots !== null || !this.u8.length) {
      // A getter among the attributes had others written to the same place, or memory grow. Nobody is there any longer, and the getters are
      // read beforehand.
      written += this.#size;
      return this.keep({ ...user, attributes: { ...user.attributes } }, slots, isNew);
    }
    if (length > this.#room) {
      this.#room = length;
      if (this.#size < 2 * length) this.#renew();
      return this.keep(user, slots, isNew);
    }
    if (user.isOfContext) {
      user.slots = slots;
      user.at = at;
      written += (length - MARGIN + 7) & -8;
    }
    return place;
  }

  /** @param {number} at a place in all that was ever written */
  #placeOf(at) {
    return at & (this.#size - 1);
  }

  /** Makes a ring that has nobody yet, and room. */
  #renew() {
    while (this.#size < 2 * this.#room) this.#size *= 2;
    this.#start = this.#make(this.#size);
    written = this.#size * Math.ceil(written / this.#size + 1);
  }

  /**
   * Writes a user, as far as there is room, and returns how much there has to be.
   * @param {User} user
   * @param {Slots} slots
   * @param {boolean | undefined} isLax no attribute has to have a value
   * @param {number} start
   * @param {string} [bucketingId] that replaces theirs in the hash, once it was come upon among the attributes
   * @returns {number}
   */
  #write(user, slots, isLax, start, bucketingId) {
    const { id, attributes, unasked } = user;
    this.reread();
    const { i32 } = this;
    const header = start >> 2;
    const end = start + this.#room - MARGIN;
    let at = this.#text(id, start + Layout.userTexts, end, header + (Layout.userIDLength >> 2));
    if (typeof bucketingId === 'string') at = this.#text(bucketingId, at, end, header + (Layout.userBucketingLength >> 2));
    else i32[header + (Layout.userBucketingLength >> 2)] = Layout.noBucketingID;
    let place = 0;
    let count = 0;
    for (const key in attributes) {
      if (!hasOwnProperty.call(attributes, key)) break; // all that follow are inherited
      const value = attributes[key]; // the quick way to a member, of the very object that for-in goes through
      const slot = slots.find(key, place++);
      if (key === '$opt_bucketing_id' && bucketingId === undefined && typeof value === 'string') return this.#write(user, slots, isLax, start, value);
      if (value === undefined && !isLax) throw new AttributeError(key);
      if (slot < 0 || (/** @type {number} */ (unasked) >> slot) & 1) continue;
      const word = ((Math.min(at, end) + 7) >> 3) << 1; // of who has no room, only the length counts
      at = ((at + 7) & -8) + 8;
      i32[word] = slot;
      if (typeof value === 'string') at = this.#text(value, at, end, word + 1);
      else if (typeof value === 'number') {
        i32[word + 1] = Layout.isNumber;
        this.f64[(word >> 1) + 1] = value;
        at += 8;
      } else i32[word + 1] = kindOf(value);
      count++;
    }
    i32[header + (Layout.userAttributes >> 2)] = count;
    return at - start + MARGIN;
  }

  /**
   * Writes text, and its length at a word, and returns where it ends; it is not there when there is no room.
   * @param {string} text
   * @param {number} at
   * @param {number} end
   * @param {number} word
   */
  #text(text, at, end, word) {
    let last = at + MAX_BYTES * text.length;
    if (last <= end) last = encode(text, this.u8, at);
    this.i32[word] = last - at;
    return last;
  }
}

/** @param {unknown} value that is no text and no number */
function kindOf(value) {
  if (typeof value === 'boolean') return Layout.isFalse - Number(value); // which makes isTrue
  return value == null ? Layout.isNull : Layout.isOther;
}
