/**
 * Text as Go sees it: UTF-8, but a lone surrogate, which JavaScript's strings may hold, as the three bytes of its code point
 * (WTF-8), so that Go can hash it as U+FFFD and still write it back as it was. https://simonsapin.github.io/wtf-8/
 */

/** The most bytes that one UTF-16 code unit takes. */
export const MAX_BYTES = 3;

/** Strings up to this length are copied by a loop, which is five times faster on short ASCII than TextEncoder. */
const SHORT = 128;

const encoder = new TextEncoder();

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
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) u8[at++] = unit;
    else {
      const point = /** @type {number} */ (text.codePointAt(i));
      if (point > 0xffff) i++;
      at = encodePoint(point, u8, at);
    }
  }
  return at;
}

/** Writes a code point past ASCII. @param {number} point @param {Uint8Array} u8 @param {number} at */
function encodePoint(point, u8, at) {
  let more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  u8[at++] = (0x780 >> more) | (point >> (6 * more)); // as many bits in front as there are bytes
  while (more--) u8[at++] = 0x80 | ((point >> (6 * more)) & 0x3f);
  return at;
}
