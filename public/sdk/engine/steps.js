/**
 * The steps of a decision as the engine tells them: in the order of wasm/engine/decision/reasons.go, which wasm/engine/decision/steps.go
 * puts into numbers.
 *
 * @typedef {object} Step
 * @property {StepKind} kind
 * @property {import('./project.js').Experiment | undefined} rule it is about: an experiment, a delivery rule or a holdout
 * @property {import('./project.js').Variation | undefined} variation
 * @property {number} hash of a place on a line of traffic: 0 to 2 ** 32 - 1
 * @property {number} bucket what the hash comes to on that line: 0 to 9999
 *
 * @typedef {typeof STEP_KINDS[number]} StepKind
 */

/** Integers for each step. */
export const STEP_SIZE = 5;

export const STEP_KINDS = /** @type {const} */ ([
  'flagForced',
  'flagForcedInvalid',
  'ruleForced',
  'ruleForcedInvalid',
  'holdoutNotRunning',
  'holdoutMet',
  'holdoutMismatch',
  'holdoutBucketed',
  'holdoutNotBucketed',
  'deliveriesGoOn',
  'noExperiments',
  'notRunning',
  'forcedVariation',
  'isWhitelisted',
  'whitelistedInvalid',
  'remembered',
  'audienceAsked',
  'audienceTrue',
  'audienceFalse',
  'audienceMismatch',
  'notInGroup',
  'notInExperimentOfGroup',
  'inExperimentOfGroup',
  'assignedBucket',
  'invalidVariation',
  'notBucketed',
  'bucketed',
  'banditSkipped',
  'noRollout',
  'unknownRollout',
  'emptyRollout',
  'deliveryAsked',
  'deliveryTrue',
  'deliveryFalse',
  'deliveryMet',
  'deliveryMismatch',
  'deliveryBucketed',
  'deliveryNotBucketed',
  'inRollout',
  'notInRollout',
]);

/**
 * @param {Int32Array} numbers STEP_SIZE of them for each step
 * @param {readonly import('./project.js').Experiment[]} rules by index
 * @param {readonly import('./project.js').Variation[]} variations by index
 * @returns {Step[]}
 */
export function readSteps(numbers, rules, variations) {
  return Array.from({ length: numbers.length / STEP_SIZE }, (_, i) => {
    const [kind, rule, variation, hash, bucket] = numbers.subarray(i * STEP_SIZE);
    return { kind: STEP_KINDS[kind], rule: rules[rule], variation: variations[variation], hash: hash >>> 0, bucket };
  });
}
