/**
 * The rules that decide, in the order of wasm/engine/decision/decision.go: the index is the number that crosses.
 * @type {readonly string[]}
 */
export const Reason = Object.freeze([
  'Bucketed',
  'Whitelisted',
  'NotRunning',
  'AudienceMismatch',
  'NotInGroup',
  'NotBucketed',
  'UnknownExperiment',
]);
