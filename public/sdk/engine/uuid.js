/**
 * Version 4 UUIDs, made many at once as parts of one text: crypto.randomUUID takes fifty times as long in Chromium, and plain http://
 * pages lack it.
 */

const LENGTH = 36;
const POOLED = 256;

/** The characters of a pool, by themselves and by four. */
const characters = new Uint8Array(LENGTH * POOLED);
const fours = new Uint32Array(characters.buffer);

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
  crypto.getRandomValues(characters); // of which each gives a digit
  for (let at = 0; at < characters.length; at += LENGTH) {
    characters[at + 14] = 4; // the version
    characters[at + 19] = 8 | (characters[at + 19] & 3); // the variant
  }
  for (let i = 0; i < fours.length; i++) {
    const digits = fours[i] & 0x0f0f0f0f;
    const letters = ((digits + 0x06060606) >> 4) & 0x01010101; // 1 where a digit is above 9
    fours[i] = digits + 0x30303030 + 39 * letters;
  }
  for (let at = 0; at < characters.length; at += LENGTH) {
    characters[at + 8] = characters[at + 13] = characters[at + 18] = characters[at + 23] = 0x2d;
  }
  return decoder.decode(characters);
}
