/** Decide options as bits, in the order of OptimizelyDecideOption. */
export const Option = Object.freeze({
  DISABLE_DECISION_EVENT: 1,
  ENABLED_FLAGS_ONLY: 2,
  IGNORE_USER_PROFILE_SERVICE: 4,
  INCLUDE_REASONS: 8,
  EXCLUDE_VARIABLES: 16,
  IGNORE_CMAB_CACHE: 32,
  RESET_CMAB_CACHE: 64,
  INVALIDATE_USER_CMAB_CACHE: 128,
});

/** @type {Map<unknown, number>} */
const bitOf = new Map(Object.entries(Option));

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
    const bit = bitOf.get(option);
    if (bit !== undefined) bits |= bit;
    else logger.warn('Unrecognized decide option %s provided.', option);
  }
  return bits;
}
