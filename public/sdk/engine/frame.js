/**
 * A frame is how a call's arguments cross: the host writes it, the export reads it in place. wasm/frame.go is its twin; the two
 * name the same offsets in the same order. All numbers are little-endian.
 *
 * Behind the header stand texts, one after the other: the user's id, the one that replaces it in the hash, what few users have,
 * and those of attributes that the table of attributes has no room for.
 *
 * Of a call for many users at once, the lengths of their ids (int32) stand behind the header, and the ids behind them, one after the
 * other. The answers, one int32 each, take the lengths' place.
 */

import { AttributeError } from './errors.js';
import * as Layout from './layout.js';
import { own } from './own.js';
import { areSame, joined, NOTHING, toSpecial } from './special.js';
import { encode, MAX_BYTES } from './wtf8.js';

const encoder = new TextEncoder();

/**
 * Who a decision is for.
 * @typedef {object} User
 * @property {string} id
 * @property {Record<string, unknown> | null | undefined} attributes
 * @property {boolean} [isOfContext] an attribute without a value is no error, but as good as null; and attributes that were decided with never
 *   change
 * @property {boolean} [isSpecial] whether there is any of the following
 * @property {readonly string[] | null} [segments] that qualify the user
 * @property {Map<string, Map<string, string>>} [decisions] that the application forces: keys of variations by those of flags and rules, or NO_RULE
 * @property {Map<string, string>} [forced] that the application forces: ids of variations by ids of experiments
 * @property {Record<string, {variation_id: string}>} [remembered] what the user had before, by ids of experiments
 */

/** Where a project's attributes lie, and which of them its last user has. */
export class AttributeTable {
  /** Where the values of the last user begin: the first of these words, as many as count says. @type {number[]} */
  given = [];
  count = 0;
  /** What the last user had of what few have. */
  special = NOTHING;

  /**
   * @param {import('./slots.js').Slots} slots
   * @param {number} values where the table lies
   * @param {number} texts where their texts lie
   */
  constructor(slots, values, texts) {
    this.slots = slots;
    this.values = values;
    this.texts = texts;
  }
}

/** Writes frames into one instance's memory. Offsets in its fields count from the start of memory unless they say otherwise. */
export class Frame {
  #memory;
  #reserve;
  #base = 0;
  #size = 0;
  #at = 0;
  #u8 = new Uint8Array(0);
  #i32 = new Int32Array(0);
  #f64 = new Float64Array(0);
  /** Whom the frame holds, as long as nothing else was written. @type {User | undefined} */
  #user;
  /** The table of their attributes. @type {AttributeTable | undefined} */
  #table;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {(size: number) => number} reserve the export that makes room for a frame and tells where
   */
  constructor(memory, reserve) {
    this.#memory = memory;
    this.#reserve = reserve;
    this.#grow(4096);
  }

  /** Writes a text alone, as the argument of an export that takes one. @param {string | Uint8Array} text */
  text(text) {
    const { length } = text;
    this.#user = undefined;
    this.#grow(Layout.frameTexts + length);
    const at = this.#base + Layout.frameTexts;
    if (typeof text !== 'string') this.#u8.set(text, at);
    else if (encoder.encodeInto(text, this.#u8.subarray(at, at + length)).read < length) {
      this.text(encoder.encode(text)); // not all of it is ASCII, so it takes more room
      return;
    }
    this.#i32[this.#base >> 2] = length;
  }

  /** Asks for memory anew, after an export that keeps the frame it was given. */
  renew() {
    this.#user = undefined;
    this.#size = 0;
    this.#grow(4096);
  }

  /**
   * Writes a user for decisions, unless they are there already: of the attributes those that have a slot. Throws an AttributeError
   * when any has no value, unless that may be.
   * @param {User} user
   * @param {AttributeTable} table
   * @returns {boolean} whether the engine must read them
   */
  user(user, table) {
    const last = table === this.#table ? this.#user : undefined;
    if (user === last) return false;
    const special = user.isSpecial ? toSpecial(user) : NOTHING;
    const asBefore = areSame(special, table.special);
    if (asBefore && user.isOfContext && user.attributes === last?.attributes && user.id === last?.id) return false;
    this.#user = undefined;
    while (!(this.#head(user, asBefore ? undefined : special) && this.#attributes(user, table))) this.#grow(2 * this.#size);
    this.#user = user;
    this.#table = table;
    table.special = special;
    return true;
  }

  /** Writes ids of many users. Their lengths are right at once as long as all is ASCII. @param {readonly string[]} ids */
  users(ids) {
    const text = ids.join('');
    this.#user = undefined;
    this.#grow(Layout.frameTexts + 4 * ids.length + MAX_BYTES * text.length);
    const u8 = this.#u8;
    const i32 = this.#i32;
    let word = (this.#base + Layout.frameTexts) >> 2;
    let at = (word + ids.length) << 2;
    i32[this.#base >> 2] = ids.length;
    for (let i = 0; i < ids.length; i++) i32[word + i] = ids[i].length;
    if (encoder.encodeInto(text, u8.subarray(at, at + text.length)).read === text.length) return;
    for (const id of ids) {
      const start = at;
      at = encode(id, u8, start);
      i32[word++] = at - start;
    }
  }

  /** The answers of a call for many users. @param {number} count */
  answers(count) {
    this.#refresh();
    const word = (this.#base + Layout.frameTexts) >> 2;
    return this.#i32.subarray(word, word + count);
  }

  /** All of memory as integers, good until the next call of an export. */
  get words() {
    this.#refresh();
    return this.#i32;
  }

  /** Where an export left its answer. */
  get place() {
    return this.words[this.#base >> 2];
  }

  /** Bytes that an export left in memory, good until the next call of one. @param {number} length the export's answer */
  result(length) {
    const at = this.place;
    return this.#u8.subarray(at, at + length);
  }

  /** The same of integers, in a copy. @param {number} length in bytes */
  integers(length) {
    const word = this.place >> 2;
    return this.#i32.slice(word, word + (length >> 2));
  }

  /**
   * Writes all but the attributes; false when there is no room.
   * @param {User} user
   * @param {readonly string[]} [special] undefined when it is as before
   */
  #head({ id, attributes }, special) {
    this.#refresh();
    const header = this.#base >> 2;
    const i32 = this.#i32;
    const bucketingId = attributes?.$opt_bucketing_id;
    this.#at = this.#base + Layout.frameTexts;
    i32[header] = this.#write(id);
    i32[header + (Layout.frameBucketingLength >> 2)] = typeof bucketingId === 'string' ? this.#write(bucketingId) : Layout.noBucketingID;
    i32[header + (Layout.frameSpecialLength >> 2)] = special ? this.#write(joined(special)) : Layout.asBefore;
    i32[header + (Layout.frameTextElsewhere >> 2)] = 0;
    return this.#at <= this.#base + this.#size;
  }

  /**
   * Writes those attributes that have a slot; false when there is no room.
   * @param {User} user
   * @param {AttributeTable} table
   */
  #attributes({ attributes, isOfContext }, table) {
    const { slots, values, texts, given: filled } = table;
    const i32 = this.#i32;
    for (let i = 0; i < table.count; i++) i32[filled[i]] = Layout.kindAbsent;
    table.count = 0;
    if (!attributes) return true;
    const given = own(attributes);
    let place = 0;
    for (const key in given) {
      const value = given[key]; // the quick way to a member, of the very object that for-in goes through
      const slot = slots.find(key, place++);
      if (value === undefined && !isOfContext) throw new AttributeError(key);
      if (slot < 0) continue;
      const word = (values + slot * Layout.valueSize) >> 2;
      filled[table.count++] = word;
      if (typeof value !== 'string') this.#place(word, value);
      else if (!this.#placeText(word, texts + slot * Layout.valueTextRoom, value)) this.#placeElsewhere(word, value);
    }
    return this.#at <= this.#base + this.#size;
  }

  /**
   * Writes a text into the table of attributes, unless it is long or past ASCII. One of up to eight bytes is its own key.
   * @param {number} word
   * @param {number} room where a longer one goes
   * @param {string} text
   */
  #placeText(word, room, text) {
    const { length } = text;
    if (length > Layout.valueTextRoom) return false;
    const u8 = this.#u8;
    const i32 = this.#i32;
    const key = word + (Layout.valueKey >> 2);
    let at = key << 2;
    i32[key] = i32[key + 1] = length > 8 ? -1 : 0; // audience.LongKey
    if (length > 8) at = room;
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i);
      if (c === 0 || c > 0x7f) return false;
      u8[at + i] = c;
    }
    i32[word] = Layout.kindText;
    i32[word + (Layout.valueText >> 2)] = at;
    i32[word + (Layout.valueTextLength >> 2)] = length;
    return true;
  }

  /** Writes a text that the table has no room for behind the others, from where Go takes it. @param {number} word @param {string} text */
  #placeElsewhere(word, text) {
    const i32 = this.#i32;
    const at = this.#at;
    const length = this.#write(text);
    const key = word + (Layout.valueKey >> 2);
    i32[key] = i32[key + 1] = 0;
    i32[word] = Layout.kindText;
    i32[word + (Layout.valueText >> 2)] = at;
    i32[word + (Layout.valueTextLength >> 2)] = length;
    i32[(this.#base + Layout.frameTextElsewhere) >> 2] = 1;
  }

  /** Writes what is no text into the table of attributes. @param {number} word @param {unknown} value */
  #place(word, value) {
    const i32 = this.#i32;
    const key = word + (Layout.valueKey >> 2);
    if (typeof value === 'number') {
      this.#f64[(word + (Layout.valueNumber >> 2)) >> 1] = value;
      if (Math.abs(value) <= Layout.maxNumber) {
        this.#f64[key >> 1] = -(value + 0); // audience.NumberKey turns the sign; this is -0 for both zeros
        if (value < 0) {
          i32[key] ^= -1; // and all else of what is negative
          i32[key + 1] ^= 0x7fffffff;
        }
      } else {
        i32[key] = i32[key + 1] = 0;
      }
      i32[word] = Layout.kindNumber;
      return;
    }
    const isBoolean = typeof value === 'boolean';
    i32[key] = isBoolean ? Number(value) + 1 : 0;
    i32[key + 1] = 0;
    if (isBoolean) i32[word] = value ? Layout.kindBoolean | 256 : Layout.kindBoolean;
    else i32[word] = value == null ? Layout.kindNull : Layout.kindOther;
  }

  /** Appends text and returns its length in bytes, which are not there when there is no room. @param {string} text */
  #write(text) {
    const start = this.#at;
    this.#at += MAX_BYTES * text.length;
    if (this.#at <= this.#base + this.#size) this.#at = encode(text, this.#u8, start);
    return this.#at - start;
  }

  /** @param {number} size */
  #grow(size) {
    this.#base = this.#reserve(Math.max(size, this.#size));
    this.#size = Math.max(size, this.#size);
    this.#refresh();
  }

  /** Memory that grew has a new buffer, and views of the old one are empty: a decision on them would be wrong, not an error. */
  #refresh() {
    if (this.#u8.length !== 0) return;
    const buffer = this.#memory.buffer;
    this.#u8 = new Uint8Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
  }
}
