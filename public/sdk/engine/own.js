/**
 * The object itself where all that for-in finds is its own, which is quickest to tell by its prototype; else a copy.
 * @param {Record<string, unknown>} object
 */
export function own(object) {
  const prototype = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null ? object : { ...object };
}
