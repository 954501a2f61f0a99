/**
 * Text as Go sees it: UTF-8, but a lone surrogate, which JavaScript's strings may hold, as the three bytes of its code point
 * (WTF-8), so that Go can hash it as U+FFFD and still write it back as it was. https://simonsapin.github.io/wtf-8/
 */

/** The most bytes that one UTF-16 code unit takes. */
export const MAX_BYTES = 3;

/** Strings up to this length are copied by a loop, which is five times faster on short ASCII than TextEncoder. */
const SHORT = 128;

/** For all who write and read texts. */
export const decoder = new TextDecoder();
export const encoder = new TextEncoder();

/**
 * Writes text at a place that has room for MAX_BYTES a code unit.
 * @param {string} text
 * @param {Uint8Array} u8
 * @param {number} at
 * @returns {number} where the text ends
 */
export function encode(text, u8, at) {
  const { length } = text;
  if (length > SHORT && text.isWellFormed?.()) return at + encoder.encodeInto(text, u8.subarray(at)).written;
  let units = 0; // all of them or-ed together
  for (let i = 0; i < length; i++) units |= u8[at + i] = text.charCodeAt(i);
  return units < 0x80 ? at + length : encodeAny(text, u8, at);
}

/** Writes text that is not all ASCII. Apart from it, encode is quicker. @param {string} text @param {Uint8Array} u8 @param {number} at */
function encodeAny(text, u8, at) {
  for (const character of text) {
    const point = /** @type {number} */ (character.codePointAt(0));
    let more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    u8[at++] = (more && 0x780 >> more) | (point >> (6 * more)); // as many bits in front as there are bytes, if there are several
    while (more--) u8[at++] = 0x80 | ((point >> (6 * more)) & 0x3f);
  }
  return at;
}
