/**
 * Version 4 UUIDs, made many at once as parts of one text: crypto.randomUUID takes many times as long in Chromium, and plain http://
 * pages lack it.
 */

const LENGTH = 36;
const FOURS = 9;
const POOLED = 256;

/** The characters of a pool by four, and as many times sixteen random bits. */
const fours = new Uint32Array(FOURS * POOLED);
const random = new Uint16Array(fours.length);

const decoder = new TextDecoder();

let pool = '';
let used = 0;

/** @returns {string} */
export function nextUUID() {
  if (used === pool.length) {
    pool = makePool();
    used = 0;
  }
  used += LENGTH;
  return pool.slice(used - LENGTH, used);
}

function makePool() {
  crypto.getRandomValues(random);
  for (let i = 0; i < fours.length; i += FOURS) {
    fours[i] = digits(random[i]);
    fours[i + 1] = digits(random[i + 1]);
    fours[i + 2] = (digits(random[i + 2]) & 0xffffff00) | 0x2d; // -xxx
    fours[i + 3] = (digits(random[i + 3]) & 0xff0000ff) | 0x342d00; // x-4x
    fours[i + 4] = (digits((random[i + 4] & 0x3fff) | 0x8000) & 0xff00ffff) | 0x2d0000; // xx-y, where y is 8 to b
    fours[i + 5] = (digits(random[i + 5]) & 0x00ffffff) | 0x2d000000; // xxx-
    fours[i + 6] = digits(random[i + 6]);
    fours[i + 7] = digits(random[i + 7]);
    fours[i + 8] = digits(random[i + 8]);
  }
  return decoder.decode(fours);
}

/** Four characters of sixteen bits, the lowest ones first. @param {number} bits */
function digits(bits) {
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  const letters = ((bits + 0x06060606) >> 4) & 0x01010101; // 1 where a digit is above 9
  return bits + 0x30303030 + 39 * letters;
}
