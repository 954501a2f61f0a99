/**
 * How a decision came about, rule by rule: the engine's steps, each joined with what the datafile says there. Nothing is decided here;
 * a rule that the engine took no step about is told as not asked.
 */

import { Inspector } from '../sdk/engine/inspector.js';
import { valuesOf } from '../sdk/engine/outcome.js';
import { NO_RULE } from '../sdk/engine/special.js';
import { audienceTreeOf } from './audience-tree.js';
import { rulesByIndexOf, variationsByIdOf } from './datafile.js';
import { CHECKS } from './rule-checks.js';
import { trafficLineOf } from './traffic-line.js';

/**
 * @typedef {import('../sdk/engine/index.js').Project} Project
 * @typedef {import('../sdk/engine/index.js').Step} Step
 * @typedef {import('../sdk/engine/steps.js').StepKind} StepKind
 * @typedef {import('./rule-checks.js').Check} Check
 * @typedef {import('./rule-checks.js').Teller} Telling
 *
 * @typedef {object} Question
 * @property {string} visitor
 * @property {Record<string, unknown>} attributes
 * @property {'flag' | 'experiment'} kind
 * @property {string} key
 * @property {string} forced key of the variation that the page forces, '' for none
 * @property {string} remembered "experiment id, variation id" of what the visitor had before, '' for nothing
 *
 * @typedef {object} Explanation
 * @property {Question} question
 * @property {string} revision
 * @property {Verdict} verdict
 * @property {Station[]} stations in the order of the engine
 * @property {string[]} reasons the official SDK's words
 *
 * @typedef {object} Verdict
 * @property {string | null} variation
 * @property {string | null} rule
 * @property {boolean} [enabled] of a flag
 * @property {string} [source] of a flag: feature-test, rollout or holdout
 * @property {Record<string, unknown>} [variables] of a flag
 *
 * @typedef {object} Station a rule on the way
 * @property {'flag' | 'experiment' | 'delivery' | 'holdout'} kind
 * @property {string} key
 * @property {string} id
 * @property {'decided' | 'passed' | 'not asked'} outcome
 * @property {string | null} variation that it gives
 * @property {Check[]} checks
 */

/**
 * Has the engine decide, and tells why.
 * @param {Project} project
 * @param {any} datafile the project's, as parseWithNulls gives it
 * @param {Question} question
 * @returns {Explanation}
 * @throws {Error} whose message names what the datafile does not have
 */
export function explain(project, datafile, question) {
  const verdict = decide(project, question);
  const inspector = new Inspector(project);
  const stations = new Teller(inspector, datafile, question).stations(inspector.steps(), verdict);
  return { question, revision: project.facts.revision, verdict, stations, reasons: project.reasons(question.visitor) };
}

/**
 * Makes a call that decides once and no more, to be timed.
 * @param {Project} project
 * @param {Question} question
 * @returns {() => void}
 */
export function deciding(project, { kind, key, ...question }) {
  const experiment = project.experiment(key);
  const flag = project.flag(key);
  const user = userOf(project, { kind, key, ...question });
  // A user object that is new each time has the engine read the visitor anew, as a page's call does.
  if (kind === 'flag' && flag) return () => project.decide(flag, { ...user });
  return () => experiment && project.getVariation(experiment, { ...user });
}

/** @param {Project} project @param {Question} question @returns {Verdict} */
function decide(project, question) {
  const user = userOf(project, question);
  if (question.kind === 'flag') {
    const flag = project.flag(question.key);
    if (!flag) throw new Error(`Revision ${project.facts.revision} has no flag ${question.key}.`);
    const { outcome } = project.decide(flag, user, true);
    const { variationKey, ruleKey, enabled, source } = outcome;
    return { variation: variationKey, rule: ruleKey, enabled, source, variables: valuesOf(outcome) };
  }
  const experiment = project.experiment(question.key);
  if (!experiment || experiment.isRollout) throw new Error(`Revision ${project.facts.revision} has no experiment ${question.key}.`);
  const variation = project.getVariation(experiment, user, true);
  return { variation: variation?.key ?? null, rule: variation ? experiment.key : null };
}

/** @param {Project} project @param {Question} question @returns {import('../sdk/engine/index.js').User} */
function userOf(project, { visitor, attributes, kind, key, forced, remembered }) {
  /** @type {import('../sdk/engine/index.js').Special} */
  const special = {};
  const flag = project.flag(key);
  const experiment = project.experiment(key);
  if (forced && kind === 'flag' && flag) special.decisions = new Map([[flag.key, new Map([[NO_RULE, forced]])]]);
  const variation = experiment?.variations.find((each) => each.key === forced);
  if (forced && kind === 'experiment' && experiment && variation) special.forced = new Map([[experiment.id, variation.id]]);
  const [experimentId, variationId] = remembered.split(',');
  if (remembered) special.remembered = { [experimentId]: { variation_id: variationId } };
  return { id: visitor, attributes, special: forced || remembered ? special : undefined };
}

/** Joins steps with the datafile. @implements {Telling} */
class Teller {
  #inspector;
  #datafile;
  #question;
  #bucketingId;
  #rules;

  /** @param {Inspector} inspector @param {any} datafile @param {Question} question */
  constructor(inspector, datafile, question) {
    this.#inspector = inspector;
    this.#datafile = datafile;
    this.#question = question;
    const { $opt_bucketing_id: other } = question.attributes;
    this.#bucketingId = typeof other === 'string' ? other : question.visitor;
    this.#rules = rulesByIndexOf(datafile);
  }

  /** @param {Step[]} steps @param {Verdict} verdict @returns {Station[]} */
  stations(steps, verdict) {
    /** The official SDK says some steps twice; of a rule each is told once. @type {Map<number, Map<StepKind, Step>>} */
    const byRule = new Map();
    for (const step of steps) {
      const index = step.rule?.index ?? -1;
      if (!byRule.has(index)) byRule.set(index, new Map());
      byRule.get(index)?.set(step.kind, step);
    }
    const forced = forcedStation(this.#question, byRule.get(-1), verdict);
    const asked = [...byRule].filter(([index]) => index >= 0).map(([index, kinds]) => this.#station(index, kinds, verdict));
    const known = new Set(asked.map(({ id }) => id));
    return [...forced, ...asked, ...this.#notAsked().filter(({ id }) => !known.has(id))];
  }

  /** @param {number} index @param {Map<StepKind, Step>} kinds @param {Verdict} verdict @returns {Station} */
  #station(index, kinds, verdict) {
    const { rule, kind, group } = this.#rules[index];
    const checks = CHECKS[kind].flatMap((check) => check({ kinds, rule, group, decided: verdict.rule === rule.key }, this));
    const last = checks.findIndex(({ state }) => state === 'no' || state === 'decides');
    if (last >= 0) for (const check of checks.slice(last + 1)) Object.assign(check, { state: 'skipped', words: 'Not asked', audience: undefined, line: undefined });
    const decided = checks[last]?.state === 'decides';
    return { kind, key: rule.key, id: rule.id, outcome: decided ? 'decided' : 'passed', variation: decided ? verdict.variation : null, checks };
  }

  /** The rules of the flag that the engine did not come to. @returns {Station[]} */
  #notAsked() {
    const { kind, key } = this.#question;
    if (kind !== 'flag') return [];
    const { experimentIds, rolloutId } = this.#datafile.featureFlags?.find((/** @type {any} */ flag) => flag.key === key) ?? {};
    const listed = this.#rules.filter(({ rule, kind: of, rollout }) => (of === 'delivery' ? rollout === rolloutId : experimentIds?.includes(rule.id)));
    return listed.map(({ rule, kind: of }) => ({ kind: of, key: rule.key, id: rule.id, outcome: 'not asked', variation: null, checks: [] }));
  }

  /** @param {any} rule */
  audience(rule) {
    return audienceTreeOf(this.#datafile, rule, this.#question.attributes, this.#inspector);
  }

  /** @param {any} rule @param {Step} step */
  trafficOf(rule, step) {
    const own = rule.variations ?? [];
    return trafficLineOf(rule.trafficAllocation, [...variationsByIdOf(this.#datafile).values(), ...own], step, [this.#bucketingId, rule.id]);
  }

  /** @param {any} group @param {Step} step */
  groupTrafficOf(group, step) {
    return trafficLineOf(group.trafficAllocation, group.experiments, step, [this.#bucketingId, group.id]);
  }
}

/** @param {Question} question @param {Map<StepKind, Step> | undefined} kinds @param {Verdict} verdict @returns {Station[]} */
function forcedStation({ key }, kinds, { variation }) {
  if (kinds?.has('flagForced')) {
    const check = /** @type {Check} */ ({ name: 'Forced decision', state: 'decides', words: `This page forces ${variation}` });
    return [{ kind: 'flag', key, id: '', outcome: 'decided', variation, checks: [check] }];
  }
  if (!kinds?.has('flagForcedInvalid')) return [];
  const check = /** @type {Check} */ ({ name: 'Forced decision', state: 'none', words: 'The flag has no such variation' });
  return [{ kind: 'flag', key, id: '', outcome: 'passed', variation: null, checks: [check] }];
}
