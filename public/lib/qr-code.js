/** A text as a QR code: squares, called modules, some of them dark. */

import { encode } from './vendor/uqr/uqr.js';

/** Light modules around the code, as many as its standard wants: a camera finds it by them. */
const QUIET_ZONE = 4;
/** 97 modules a side, 858 bytes: what has more is too fine for a camera when it is as wide as a phone's window. */
const LARGEST_VERSION = 20;

/**
 * @typedef {object} Drawing
 * @property {number} size modules a side, with the light ones around
 * @property {string} path the dark modules as an SVG path, one unit a module
 */

/**
 * @param {string} text
 * @returns {Drawing | undefined} undefined when the text is too long to be read from a screen
 */
export function qrCode(text) {
  try {
    // The least correction, or as much more as costs nothing: a screen is neither torn nor dirty.
    const { size, data } = encode(text, { ecc: 'L', boostEcc: true, border: QUIET_ZONE, maxVersion: LARGEST_VERSION });
    return { size, path: data.flatMap(runs).join('') };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * @param {boolean[]} row true where it is dark
 * @param {number} y
 * @returns {string[]} a rectangle for each run of dark modules
 */
function runs(row, y) {
  const modules = row.map(Number).join('');
  return [...modules.matchAll(/1+/g)].map(({ index, 0: { length } }) => `M${index} ${y}h${length}v1h-${length}z`);
}
