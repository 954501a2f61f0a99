/** What the engine asked at a rule, told from the steps it took there: one function a question. */

/**
 * @typedef {import('../sdk/engine/index.js').Step} Step
 * @typedef {import('../sdk/engine/steps.js').StepKind} StepKind
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {'yes' | 'no' | 'decides' | 'none' | 'skipped'} state it lets the visitor on, ends the way here, decides, does not apply, or was not asked
 * @property {string} words
 * @property {import('./audience-tree.js').AudienceNode} [audience]
 * @property {import('./traffic-line.js').TrafficLine} [line]
 *
 * @typedef {object} Facts what is known of a rule
 * @property {Map<StepKind, Step>} kinds the steps the engine took there
 * @property {any} rule as the datafile has it
 * @property {any} group of it
 * @property {boolean} decided it gave the visitor what they get
 *
 * @typedef {object} Teller joins a rule with what the datafile says there
 * @property {(rule: any) => import('./audience-tree.js').AudienceNode | undefined} audience
 * @property {(rule: any, step: Step) => import('./traffic-line.js').TrafficLine} trafficOf
 * @property {(group: any, step: Step) => import('./traffic-line.js').TrafficLine} groupTrafficOf
 *
 * @typedef {(facts: Facts, teller: Teller) => Check[]} Asker
 */

/** What is asked at each kind of rule, in the engine's order. @type {Record<'experiment' | 'delivery' | 'holdout', Asker[]>} */
export const CHECKS = {
  experiment: [forcedRule, status, forcedVariation, whitelist, profile, audience, group, traffic],
  delivery: [forcedRule, audience, group, traffic],
  holdout: [status, audience, traffic],
};

/** @type {Asker} */
function forcedRule({ kinds }) {
  if (kinds.has('ruleForced')) return [{ name: 'Forced decision', state: 'decides', words: `The page forces ${kinds.get('ruleForced')?.variation?.key}` }];
  if (kinds.has('ruleForcedInvalid')) return [{ name: 'Forced decision', state: 'none', words: 'The flag has no such variation' }];
  return [];
}

/** @type {Asker} */
function status({ kinds, rule }) {
  const runs = !kinds.has('notRunning') && !kinds.has('holdoutNotRunning');
  return [{ name: 'Status', state: runs ? 'yes' : 'no', words: rule.status || 'No status' }];
}

/** @type {Asker} */
function forcedVariation({ kinds }) {
  const step = kinds.get('forcedVariation');
  return [step ? { name: 'Forced variation', state: 'decides', words: `The page forces ${step.variation?.key}` } : { name: 'Forced variation', state: 'none', words: 'None' }];
}

/** @type {Asker} */
function whitelist({ kinds }) {
  const step = kinds.get('isWhitelisted');
  if (step) return [{ name: 'Allowlist', state: 'decides', words: `The datafile lists the visitor for ${step.variation?.key}` }];
  const invalid = kinds.has('whitelistedInvalid');
  return [{ name: 'Allowlist', state: 'none', words: invalid ? 'Lists the visitor for a variation that does not exist' : 'The visitor is not on it' }];
}

/** @type {Asker} */
function profile({ kinds }) {
  const step = kinds.get('remembered');
  return [step ? { name: 'Profile', state: 'decides', words: `The visitor had ${step.variation?.key} before` } : { name: 'Profile', state: 'none', words: 'Nothing remembered' }];
}

/** @type {Asker} */
function audience({ kinds, rule }, teller) {
  const failed = kinds.has('audienceFalse') || kinds.has('deliveryFalse');
  const tree = teller.audience(rule);
  const words = failed ? 'The visitor does not belong to it' : 'The visitor belongs to it';
  return [{ name: 'Audience', state: failed ? 'no' : 'yes', words: tree ? words : 'Everyone', audience: tree }];
}

/** @type {Asker} */
function group({ kinds, group: of }, teller) {
  const step = kinds.get('inExperimentOfGroup') ?? kinds.get('notInExperimentOfGroup') ?? kinds.get('notInGroup');
  if (!step) return [];
  const isIn = step.kind === 'inExperimentOfGroup';
  const words = isIn ? 'The group leaves the visitor to this experiment' : 'The group leaves the visitor to another experiment, or to none';
  return [{ name: 'Exclusion group', state: isIn ? 'yes' : 'no', words, line: teller.groupTrafficOf(of, step) }];
}

/** @type {Asker} */
function traffic({ kinds, rule, decided }, teller) {
  const step = kinds.get('assignedBucket');
  if (kinds.has('banditSkipped')) return [{ name: 'Traffic', state: 'no', words: 'A bandit: a service of Optimizely’s would have to say which variation' }];
  if (!step) return [{ name: 'Traffic', state: 'skipped', words: 'Not asked' }];
  const line = teller.trafficOf(rule, step);
  const besides = kinds.has('deliveriesGoOn');
  if (besides) return [{ name: 'Traffic', state: 'no', words: 'Held out of experiments, but not of what is delivered', line }];
  if (decided) return [{ name: 'Traffic', state: 'decides', words: 'The bucket belongs to a variation', line }];
  const words = kinds.has('bucketed') ? 'The bucket belongs to a variation that the flag does not have' : 'The bucket belongs to nobody';
  return [{ name: 'Traffic', state: 'no', words, line }];
}
