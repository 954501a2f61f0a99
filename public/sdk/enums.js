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
