/**
 * A frame is how a call's arguments cross, but for numbers and users: the host writes it, the export reads it in place.
 * wasm/frame.go is its twin; the two name the same offsets in the same order. All numbers are little-endian.
 *
 * Of a call that takes a text, the text stands behind the header.
 *
 * Of a call for many users at once, the lengths of their ids (int32) stand behind the header, and the ids behind them, one after the
 * other. The answers, one int32 each, take the lengths' place.
 */

import * as Layout from './layout.js';
import { Views } from './views.js';
import { encode, encoder, MAX_BYTES } from './wtf8.js';

/**
 * A text in memory. Its bases say of each piece where the text would begin if all before the piece were ASCII, and twice the same of its end: where
 * they stay the same, it is.
 * @typedef {{text: string, bases: number[]}} Written
 */

/** @type {Written} */
const NOTHING = { text: '', bases: [] };

/** So much of a text is written or copied at once: a place in it is in the piece `place >> 12`. */
const PIECE = 4096;

/** Writes frames into one instance's memory. Offsets in its fields count from the start of memory. */
export class Frame extends Views {
  #reserve;
  #base = 0;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {(size: number) => number} reserve the export that makes room for a frame and tells where
   */
  constructor(memory, reserve) {
    super(memory);
    this.#reserve = reserve;
    this.renew();
  }

  /**
   * Writes a text, as the argument of an export that takes one.
   * @param {string | Uint8Array} text
   * @param {Written} [earlier] that has much in common with it, and is still there
   * @returns {Written | undefined} what is there now, unless little of it is ASCII
   */
  text(text, earlier = NOTHING) {
    const { length } = text;
    const room = 1.02 * length + 2 * PIECE;
    this.#grow(Layout.frameTexts + room);
    const at = this.#base + Layout.frameTexts;
    this.i32[this.#base >> 2] = length;
    if (typeof text !== 'string') {
      this.u8.set(text, at);
      return undefined;
    }
    const bases = this.#pieces(text, at, at + room, earlier);
    if (bases) {
      this.i32[this.#base >> 2] += bases[bases.length - 1] - at;
      return { text, bases };
    }
    const bytes = new Uint8Array(MAX_BYTES * length);
    return this.text(bytes.subarray(0, encode(text, bytes, 0)));
  }

  /**
   * Writes a text. A piece that an earlier one has in the same place, or as ASCII as far from its end, is copied, which is far quicker.
   * @param {string} text
   * @param {number} at
   * @param {number} end of the room for it
   * @param {Written} earlier
   * @returns {number[] | undefined} its bases; undefined when there may be no room, or pieces meet within a character
   */
  #pieces(text, at, end, { text: before, bases: there }) {
    const bases = [];
    let base = at;
    for (let i = 0; i < text.length; i += PIECE) {
      bases.push(base);
      const piece = text.slice(i, i + PIECE);
      const to = base + i;
      if (to + MAX_BYTES * piece.length > end || (piece.charCodeAt(PIECE - 1) & 0xfc00) === 0xd800) return undefined;
      const from = [i, Math.max(i + before.length - text.length, 0)].find((place) => (
        before.slice(place, place + PIECE) === piece && (place === i || there[place >> 12] === there[(place >> 12) + 2])
      ));
      if (from === undefined) base = encode(piece, this.u8, to) - i - piece.length;
      else {
        const [first, next] = there.slice(from >> 12);
        this.u8.copyWithin(to, first + from, next + from + piece.length);
        base += next - first;
      }
    }
    bases.push(base, base);
    return bases;
  }

  /** Asks for memory, and anew after an export that keeps the frame it was given. */
  renew() {
    this.#grow(0);
  }

  /** Writes ids of many users. Their lengths are right at once as long as all is ASCII. @param {readonly string[]} ids */
  users(ids) {
    const text = ids.join('');
    this.#grow(Layout.frameTexts + 4 * ids.length + MAX_BYTES * text.length);
    const u8 = this.u8;
    const i32 = this.i32;
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
    this.reread();
    const word = (this.#base + Layout.frameTexts) >> 2;
    return this.i32.subarray(word, word + count);
  }

  /** All of memory as integers, good until the next call of an export. */
  get words() {
    this.reread();
    return this.i32;
  }

  /** Where an export left its answer. */
  get place() {
    return this.words[this.#base >> 2];
  }

  /** Bytes that an export left in memory, good until the next call of one. @param {number} length the export's answer */
  result(length) {
    const at = this.place;
    return this.u8.subarray(at, at + length);
  }

  /** @param {number} size */
  #grow(size) {
    this.#base = this.#reserve(size);
    this.reread();
  }
}
