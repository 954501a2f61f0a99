/**
 * A frame is how a call's arguments cross: the host writes it, the export reads it in place. wasm/frame.go is its twin; the two
 * name the same offsets in the same order. All numbers are little-endian.
 *
 * Behind the header stand records of 16 bytes, which tell of the user; text lies anywhere behind them and is named by offset and
 * length. A record is slot (int32), kind (int32, of audience.Kind) and, by kind, a double, a boolean (int32) or a text's offset
 * and length (two int32).
 *
 * Of a call for many users at once, the lengths of their ids (int32) stand in place of the records, and all their texts behind them, one
 * after the other. The answers, one int32 each, take the lengths' place.
 */

import { AttributeError } from './errors.js';
import * as Layout from './layout.js';
import { own } from './own.js';
import { encode, MAX_BYTES } from './wtf8.js';

/** The kinds of audience.Kind in Go, in its order. */
const Absent = 0;
const Null = 1;
const Bool = 2;
const Num = 3;
const Text = 4;
const Other = 5;

/** The largest magnitude of a number that conditions compare: audience.MaxNumber in Go. */
const MAX_NUMBER = 2 ** 53;

const encoder = new TextEncoder();

const BUCKETING_ID = '$opt_bucketing_id';

/** Users of one frame, at most: as many as make a text that is quick to join. */
const MAX_USERS = 2048;

/** Bytes of their frame, unless one of them has a very long id. */
const MANY = 256 << 10;

/** Records there is room for before the text begins; more of them move the text further back. */
const FEW_RECORDS = 32;

/**
 * Who a decision is for.
 * @typedef {object} User
 * @property {string} id
 * @property {Record<string, unknown> | null | undefined} attributes
 * @property {boolean} [mayLackValues] an attribute without a value is no error, but as good as null
 * @property {boolean} [isSpecial] whether there is any of the following
 * @property {readonly string[] | null} [segments] that qualify the user
 * @property {ForcedDecision[]} [decisions] that the application forces
 * @property {Assignment[]} [forced] variations that the application forces
 * @property {Assignment[]} [remembered] what the user had before
 *
 * @typedef {{flag: number, rule: string | undefined, variation: string}} ForcedDecision flag is an index, the others are keys
 * @typedef {{experiment: number, variation: number}} Assignment by their indexes
 */

/** Where a project's attributes lie, and which of them its last user has. */
export class AttributeTable {
  /** Where the values of the last user begin: the first of these words, as many as count says. @type {number[]} */
  given = [];
  count = 0;

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
  #maxRecords = FEW_RECORDS;
  #records = 0;
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
    this.#grow(Layout.frameRecords + length);
    const at = this.#base + Layout.frameRecords;
    if (typeof text !== 'string') this.#u8.set(text, at);
    else if (encoder.encodeInto(text, this.#u8.subarray(at, at + length)).read < length) {
      this.text(encoder.encode(text)); // not all of it is ASCII, so it takes more room
      return;
    }
    const header = this.#base >> 2;
    this.#i32[header] = length;
    this.#i32[header + 1] = Layout.frameRecords;
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
    if (user === this.#user && table === this.#table) return false;
    this.#user = undefined;
    while (!(this.#tryUser(user, table) && (user.isSpecial !== true || this.#trySpecial(user)))) this.#makeRoom(user);
    this.#i32[(this.#base >> 2) + 2] = this.#records;
    this.#user = user;
    this.#table = table;
    return true;
  }

  /**
   * Writes ids of many users, as many as there is room for.
   * @param {readonly string[]} ids
   * @param {number} from the first that is written
   * @returns {number} the first that is not
   */
  users(ids, from) {
    this.#user = undefined;
    this.#grow(MANY);
    const end = Math.min(ids.length, from + MAX_USERS);
    const lengths = this.#word(0);
    const room = this.#size - Layout.frameRecords - 4 * MAX_USERS;
    let to = from;
    let characters = 0;
    for (; to < end && MAX_BYTES * (characters + ids[to].length) <= room; to++) {
      characters += this.#i32[lengths + to - from] = ids[to].length;
    }
    if (to === from && from < end) {
      this.#grow(MANY + MAX_BYTES * ids[from].length);
      return this.users(ids, from);
    }
    this.#texts(from === 0 && to === ids.length ? ids : ids.slice(from, to), lengths, characters);
    this.#i32[(this.#base >> 2) + 2] = to - from;
    return to;
  }

  /**
   * Writes texts one after the other behind their lengths, which are right as long as all is ASCII.
   * @param {readonly string[]} texts
   * @param {number} lengths the word of the first
   * @param {number} characters of all texts
   */
  #texts(texts, lengths, characters) {
    let at = (lengths + texts.length) << 2;
    if (encoder.encodeInto(texts.join(''), this.#u8.subarray(at, at + characters)).read === characters) return;
    for (const text of texts) {
      const start = at;
      at = encode(text, this.#u8, start);
      this.#i32[lengths++] = at - start;
    }
  }

  /** The answers of a call for many users. @param {number} count */
  answers(count) {
    this.#refresh();
    const word = (this.#base + Layout.frameRecords) >> 2;
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

  /** @param {User} user @param {AttributeTable} table */
  #tryUser({ id, attributes, mayLackValues }, table) {
    if (!this.#begin(id)) return false;
    const { slots, values, texts, given: filled } = table;
    const i32 = this.#i32;
    for (let i = 0; i < table.count; i++) i32[filled[i]] = Absent;
    table.count = 0;
    if (attributes) {
      const given = own(attributes);
      let place = 0;
      for (const key in given) {
        const value = given[key]; // the quick way to a member, of the very object that for-in goes through
        const slot = slots.find(key, place++);
        if (value === undefined && !mayLackValues) throw new AttributeError(key);
        if (slot < 0) continue;
        const word = (values + slot * Layout.valueSize) >> 2;
        filled[table.count++] = word;
        const placed = typeof value === 'string' ? this.#placeText(word, texts + slot * Layout.valueTextRoom, value) : this.#place(word, value);
        if (!placed && !this.#value(slot, value ?? null)) return false;
      }
      const bucketingId = attributes[BUCKETING_ID];
      if (typeof bucketingId === 'string' && !this.#value(Layout.slotBucketingID, bucketingId)) return false;
    }
    return true;
  }

  /** Writes what few users have. @param {User} user */
  #trySpecial({ segments, decisions = [], forced = [], remembered = [] }) {
    return (segments ?? []).every((segment) => typeof segment !== 'string' || this.#value(Layout.slotSegment, segment)) &&
      decisions.every((decision) => this.#decision(decision)) &&
      forced.every((assignment) => this.#assignment(Layout.slotForced, assignment)) &&
      remembered.every((assignment) => this.#assignment(Layout.slotRemembered, assignment));
  }

  /** @param {ForcedDecision} decision */
  #decision({ flag, rule, variation }) {
    if (rule !== undefined && !this.#value(Layout.slotRule, rule)) return false;
    if (!this.#value(Layout.slotDecision, variation)) return false;
    this.#i32[this.#word(this.#records - 1) + 1] = flag;
    return true;
  }

  /** @param {number} slot @param {Assignment} assignment */
  #assignment(slot, { experiment, variation }) {
    if (!this.#value(slot, null)) return false;
    const word = this.#word(this.#records - 1);
    this.#i32[word + 2] = experiment;
    this.#i32[word + 3] = variation;
    return true;
  }

  /** Begins a frame with its user's id; false when there is no room. @param {string} id */
  #begin(id) {
    this.#refresh();
    this.#records = 0;
    const text = this.#at = this.#base + Layout.frameRecords + this.#maxRecords * Layout.recordSize;
    if (!this.#write(id)) return false;
    const header = this.#base >> 2;
    this.#i32[header] = this.#at - text;
    this.#i32[header + 1] = text - this.#base;
    return true;
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
    i32[word] = Text;
    i32[word + (Layout.valueText >> 2)] = at;
    i32[word + (Layout.valueTextLength >> 2)] = length;
    return true;
  }

  /** Writes a number or a boolean into the table of attributes; false for anything else. @param {number} word @param {unknown} value */
  #place(word, value) {
    const i32 = this.#i32;
    const key = word + (Layout.valueKey >> 2);
    if (typeof value === 'number') {
      this.#f64[(word + (Layout.valueNumber >> 2)) >> 1] = value;
      if (Math.abs(value) <= MAX_NUMBER) {
        this.#f64[key >> 1] = -(value + 0); // audience.NumberKey turns the sign; this is -0 for both zeros
        if (value < 0) {
          i32[key] ^= -1; // and all else of what is negative
          i32[key + 1] ^= 0x7fffffff;
        }
      } else {
        i32[key] = i32[key + 1] = 0;
      }
      i32[word] = Num;
      return true;
    }
    if (typeof value !== 'boolean') return false;
    i32[key] = value ? 2 : 1;
    i32[key + 1] = 0;
    i32[word] = value ? Bool | 256 : Bool;
    return true;
  }

  /** Where a record lies. @param {number} record */
  #word(record) {
    return (this.#base + Layout.frameRecords + record * Layout.recordSize) >> 2;
  }

  /** Writes one record; false when there is no room. @param {number} slot @param {unknown} value */
  #value(slot, value) {
    if (this.#records === this.#maxRecords) return false;
    const word = this.#word(this.#records++);
    const i32 = this.#i32;
    i32[word] = slot;
    switch (typeof value) {
      case 'string':
        i32[word + 1] = Text;
        return this.#textOf(word, value);
      case 'number':
        i32[word + 1] = Num;
        this.#f64[(word + 2) >> 1] = value;
        return true;
      case 'boolean':
        i32[word + 1] = Bool;
        i32[word + 2] = value ? 1 : 0;
        return true;
      case 'object':
        if (value === null) {
          i32[word + 1] = Null;
          return true;
        }
        return this.#json(word, value);
      default:
        i32[word + 1] = Absent;
        return true;
    }
  }

  /** @param {number} word @param {object} value */
  #json(word, value) {
    const text = JSON.stringify(value);
    this.#i32[word + 1] = text === undefined ? Absent : Other;
    return text === undefined || this.#textOf(word, text);
  }

  /** @param {number} word @param {string} text */
  #textOf(word, text) {
    const start = this.#at;
    this.#i32[word + 2] = start - this.#base;
    const fits = this.#write(text);
    this.#i32[word + 3] = this.#at - start;
    return fits;
  }

  /** Appends text; false when there is no room. @param {string} text */
  #write(text) {
    if (this.#at + MAX_BYTES * text.length > this.#base + this.#size) return false;
    this.#at = encode(text, this.#u8, this.#at);
    return true;
  }

  /** @param {User} user */
  #makeRoom({ id, attributes, segments, decisions = [], forced = [], remembered = [] }) {
    let characters = id.length;
    let records = (segments?.length ?? 0) + 2 * decisions.length + forced.length + remembered.length;
    for (const segment of segments ?? []) characters += segment?.length ?? 0;
    for (const { rule = '', variation } of decisions) characters += rule.length + variation.length;
    for (const key in attributes) {
      records += 2; // at most: its value, and the bucketing id that it is
      characters += weight(attributes[key]);
    }
    this.#maxRecords = Math.max(this.#maxRecords, records);
    this.#grow(Layout.frameRecords + this.#maxRecords * Layout.recordSize + MAX_BYTES * characters + 64);
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

/** The characters a value can take in a frame, twice for a bucketing id. @param {unknown} value */
function weight(value) {
  if (typeof value === 'string') return 2 * value.length;
  return typeof value === 'object' && value !== null ? (JSON.stringify(value)?.length ?? 0) : 0;
}
