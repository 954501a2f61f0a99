/**
 * Version 4 UUIDs, made many at once as parts of one text: crypto.randomUUID takes many times as long in Chromium, and plain http://
 * pages lack it.
 */

import { decoder } from './wtf8.js';

const LENGTH = 36;
const POOLED = 256;

/** The characters of a pool, the same by four, and as many times sixteen random bits. */
const characters = new Uint8Array(LENGTH * POOLED);
const fours = new Uint32Array(characters.buffer);
const random = new Uint16Array(fours.length);

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
  for (let i = 0; i < fours.length; i++) fours[i] = digits(random[i]);
  for (let i = 0; i < characters.length; i += LENGTH) {
    characters[i + 8] = characters[i + 13] = characters[i + 18] = characters[i + 23] = 0x2d; // -
    characters[i + 14] = 0x34; // 4, the version
    characters[i + 19] = 0x38 | (characters[i + 19] & 1); // 8 or 9, both of which are of its variant
  }
  return decoder.decode(characters);
}

/** Four characters of sixteen bits, the lowest ones first. @param {number} bits */
function digits(bits) {
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  const letters = ((bits + 0x06060606) >> 4) & 0x01010101; // 1 where a digit is above 9
  return bits + 0x30303030 + 39 * letters;
}
