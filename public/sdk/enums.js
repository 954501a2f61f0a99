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

/** @enum {string} */
export const DECISION_SOURCES = Object.freeze({
  FEATURE_TEST: 'feature-test',
  ROLLOUT: 'rollout',
  EXPERIMENT: 'experiment',
  HOLDOUT: 'holdout',
});

/** What events call this client: its official counterpart's name, so that reports tell browsers from servers. */
export const clientEngine = globalThis.document === undefined ? 'node-sdk' : 'javascript-sdk';

/** Where this package runs, as the official one tells its builds apart. */
export const __platforms = Object.freeze(['browser', 'node']);
