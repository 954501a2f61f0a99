/**
 * What decisions come from, in the order of wasm/engine/decision/decision.go: the index is the number that crosses.
 * @type {readonly string[]}
 */
export const Source = Object.freeze([
  'feature-test',
  'rollout',
  'holdout',
]);
