/** Names that are written from right to left, in sentences that are not. */

/** The letters of such scripts, and the marks that turn what follows them. */
const TURNING = /[\u0590-\u08ff\u200f\u202a-\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * What `<bdi>` does, for sentences that are text: without it a number beside such a name changes sides with it.
 * @param {string} name
 * @returns {string} the same, where it turns nothing
 */
export function isolated(name) {
  return TURNING.test(name) ? `\u2068${name}\u2069` : name;
}
