import { CLIENT_VERSION } from '../version.js';

/**
 * What factories return is opaque: an object that shows nothing, which only the SDK can open, another copy of the same version too. So
 * an application cannot come to depend on what is inside, and an object of another kind is noticed.
 * @template T
 * @typedef {object} Seal
 * @property {(value: T) => object} wrap
 * @property {(opaque: any) => T | undefined} open what wrap returned, or undefined for anything an application may have passed instead
 */

/**
 * @param {string} kind of what is wrapped
 * @returns {Seal<any>}
 */
export function makeSeal(kind) {
  const symbol = Symbol.for(`sortition-sdk ${CLIENT_VERSION} ${kind}`);
  return { wrap: (value) => ({ [symbol]: value }), open: (opaque) => opaque?.[symbol] };
}
