/**
 * Decide options, and as bits, in the same order. Those that the SDK asks for are constants of this module, which imports nothing, so
 * that bundlers put in the numbers.
 */

export const DISABLE_DECISION_EVENT = 1;
export const ENABLED_FLAGS_ONLY = 2;
export const IGNORE_USER_PROFILE_SERVICE = 4;
export const INCLUDE_REASONS = 8;
export const EXCLUDE_VARIABLES = 16;

/** @enum {string} */
export const OptimizelyDecideOption = Object.freeze({
  DISABLE_DECISION_EVENT: 'DISABLE_DECISION_EVENT',
  ENABLED_FLAGS_ONLY: 'ENABLED_FLAGS_ONLY',
  IGNORE_USER_PROFILE_SERVICE: 'IGNORE_USER_PROFILE_SERVICE',
  INCLUDE_REASONS: 'INCLUDE_REASONS',
  EXCLUDE_VARIABLES: 'EXCLUDE_VARIABLES',
  IGNORE_CMAB_CACHE: 'IGNORE_CMAB_CACHE',
  RESET_CMAB_CACHE: 'RESET_CMAB_CACHE',
  INVALIDATE_USER_CMAB_CACHE: 'INVALIDATE_USER_CMAB_CACHE',
});

/** @type {Record<string, number>} */
const bitOf = Object.fromEntries(Object.values(OptimizelyDecideOption).map((option, place) => [option, 2 ** place]));

/**
 * @param {unknown} options what an application passed; what is no option is told to the log and ignored
 * @param {import('./lib/logger.js').Logger} logger
 * @returns {number} bits
 */
export function toBits(options, logger) {
  if (options === undefined) return 0;
  if (!Array.isArray(options)) {
    logger.debug('Provided decide options is not an array. Using default decide options.');
    return 0;
  }
  let bits = 0;
  for (const option of options) {
    // The first one is by far the most frequent.
    bits |= option === 'DISABLE_DECISION_EVENT' ? DISABLE_DECISION_EVENT : bitOf[option] ?? /** @type {any} */ (logger.warn('Unrecognized decide option %s provided.', option));
  }
  return bits;
}
