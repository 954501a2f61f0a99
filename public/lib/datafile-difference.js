/** The difference between two datafiles in words, for people who run the experiment rather than read JSON. */

import { compareLists, differs, nameOf, pair, short } from './change.js';
import { experimentsOf } from './datafile.js';
import * as Rank from './rank.js';
import { compareRules, traffic } from './rule-difference.js';

/** @typedef {import('./change.js').Change} Change */
/** @typedef {import('./datafile.js').Datafile} Datafile */
/** @typedef {import('./datafile.js').Flag} Flag */
/** @typedef {import('./datafile.js').Group} Group */
/** @typedef {import('./datafile.js').Rule} Rule */
/** @typedef {import('./rule-difference.js').Names} Names */

const MOST_LINES = 6;

/** Told as "on" and "off". */
const SWITCHES = new Map([
  ['anonymizeIP', 'IP anonymisation'], ['botFiltering', 'bot filtering'], ['sendFlagDecisions', 'reporting of flag decisions'],
]);

/** Told field by field, above or below; and the revision, which is the title. */
const TOLD = new Set(['revision', 'experiments', 'groups', 'featureFlags', 'rollouts', 'events', 'attributes', 'audiences', 'typedAudiences']);

/**
 * @param {Datafile} before
 * @param {Datafile} after
 * @param {number} [most] lines; default 6
 * @returns {string[]} one sentence part a change, such as "item-sort traffic 50/50 to 80/20", the most important first;
 *   when there are too many the last one is such as "and 3 more changes"
 */
export function describeDifference(before, after, most = MOST_LINES) {
  const lines = changesBetween(before, after).map(({ text }) => text);
  if (lines.length === 0) return ['nothing that changes a decision'];
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more changes`];
}

/**
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {string} such as "Revision 41 → 42"; an edit by hand often keeps the revision
 */
export function describeRevision({ revision: from }, { revision: to }) {
  return from === to ? `Revision ${to}, edited` : `Revision ${from} → ${to}`;
}

/**
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {Change[]} the most important first
 */
function changesBetween(before, after) {
  const names = namesIn(before, after);
  const changes = [
    ...compareLists('experiment', Rank.EXPERIMENT, experimentsOf(before), experimentsOf(after),
      (earlier, experiment) => compareRules(nameOf(experiment), earlier, experiment, names)),
    ...compareGroups(before, after),
    ...compareLists('flag', Rank.FLAG, before.featureFlags, after.featureFlags, compareFlags),
    ...compareRollouts(before, after, names),
    ...compareLists('audience', Rank.AUDIENCE, audiencesOf(before), audiencesOf(after), (earlier, audience) => (
      differs(earlier.conditions, audience.conditions) ? [{ rank: Rank.AUDIENCE, text: `audience ${nameOf(audience)} changed` }] : [])),
    ...compareLists('event', Rank.EVENT, before.events, after.events, (earlier, event) => (
      differs(earlier.experimentIds, event.experimentIds) ? [{ rank: Rank.DETAIL, text: `event ${nameOf(event)} belongs to other experiments` }] : [])),
    ...compareLists('attribute', Rank.ATTRIBUTE, before.attributes, after.attributes),
    ...compareProjects(before, after),
  ];
  return changes.sort((a, b) => a.rank - b.rank);
}

/**
 * What is new is named as it is now, what is gone as it was.
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {Names}
 */
function namesIn(before, after) {
  const variables = (/** @type {Datafile} */ { featureFlags = [] }) => featureFlags.flatMap((flag) => flag.variables ?? []);
  const index = (/** @type {(datafile: Datafile) => {id: string}[]} */ list) => {
    const names = new Map([...list(before), ...list(after)].map((thing) => [thing.id, nameOf(thing)]));
    return (/** @type {string} */ id) => names.get(id) ?? short(id);
  };
  return { audience: index(audiencesOf), variable: index(variables) };
}

/**
 * @param {Datafile} datafile
 * @returns {import('./datafile.js').Audience[]}
 */
function audiencesOf({ audiences = [], typedAudiences = [] }) {
  return [...new Map([...audiences, ...typedAudiences].map((audience) => [audience.id, audience])).values()];
}

/**
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {Change[]}
 */
function compareGroups(before, after) {
  const rank = Rank.GROUP;
  const [from, to] = [before, after].map(({ groups = [] }) => new Map(groups.flatMap(
    (group) => (group.experiments ?? []).map(({ id }) => [id, nameOf(group)]))));
  const moved = pair(experimentsOf(before), experimentsOf(after)).kept
    .filter(([earlier, experiment]) => from.get(earlier.id) !== to.get(experiment.id))
    .map(([earlier, experiment]) => (to.has(experiment.id)
      ? `${nameOf(experiment)} moved into group ${to.get(experiment.id)}` : `${nameOf(experiment)} left group ${from.get(earlier.id)}`));
  return [...moved.map((text) => ({ rank, text })), ...compareLists('group', rank, before.groups, after.groups, comparePolicies)];
}

/**
 * @param {Group} before
 * @param {Group} after
 * @returns {Change[]}
 */
function comparePolicies(before, after) {
  const subject = `group ${nameOf(after)}`;
  const [from, to] = [before, after].map(({ experiments, trafficAllocation }) => traffic({ variations: experiments, trafficAllocation }));
  return [
    ...before.policy === after.policy ? [] : [{ rank: Rank.GROUP, text: `${subject} ${before.policy} to ${after.policy}` }],
    ...from === to ? [] : [{ rank: Rank.TRAFFIC, text: `${subject} traffic ${from} to ${to}` }],
  ];
}

/**
 * @param {Flag} before
 * @param {Flag} after
 * @returns {Change[]}
 */
function compareFlags(before, after) {
  const subject = `flag ${nameOf(after)}`;
  const rank = Rank.FLAG;
  return [
    ...before.rolloutId === after.rolloutId ? [] : [{ rank, text: `${subject} has another rollout` }],
    ...differs(before.experimentIds, after.experimentIds) ? [{ rank, text: `${subject} has other experiments` }] : [],
    ...compareLists(`${subject} variable`, Rank.VARIABLE, before.variables, after.variables, (earlier, variable) => {
      const tell = (/** @type {string} */ words) => [{ rank: Rank.VARIABLE, text: `${subject} variable ${nameOf(variable)} ${words}` }];
      if (earlier.type !== variable.type) return tell(`is now of type ${variable.type}`);
      if (earlier.defaultValue === variable.defaultValue) return [];
      return tell(`default "${short(earlier.defaultValue)}" to "${short(variable.defaultValue)}"`);
    }),
  ];
}

/**
 * A rollout is told by its flag's name; one that came or went with its flag is not told again.
 * @param {Datafile} before
 * @param {Datafile} after
 * @param {Names} names
 * @returns {Change[]}
 */
function compareRollouts(before, after, names) {
  const flags = new Map((after.featureFlags ?? []).map((flag) => [flag.rolloutId, nameOf(flag)]));
  return pair(before.rollouts, after.rollouts).kept.flatMap(([earlier, rollout]) => {
    const subject = `${flags.get(rollout.id) ?? `rollout ${short(rollout.id)}`} rollout`;
    return [
      ...compareLists(`${subject} rule`, Rank.FLAG, earlier.experiments, rollout.experiments,
        (rule, now) => compareRules(`${subject} rule ${nameOf(now)}`, rule, now, names)),
      ...isReordered(earlier.experiments, rollout.experiments) ? [{ rank: Rank.FLAG, text: `${subject} rules in another order` }] : [],
    ];
  });
}

/**
 * @param {Rule[] | undefined} before
 * @param {Rule[] | undefined} after
 */
function isReordered(before = [], after = []) {
  const places = pair(before, after).kept.filter(([rule, now]) => rule.id === now.id).map(([rule]) => before.indexOf(rule));
  return places.some((place, i) => i > 0 && place < places[i - 1]);
}

/**
 * What is said of the project as a whole, and what this page knows nothing of.
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {Change[]}
 */
function compareProjects(before, after) {
  const [from, to] = /** @type {Record<string, unknown>[]} */ ([before, after]);
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return fields.filter((field) => !TOLD.has(field) && differs(from[field], to[field])).map((field) => {
    const name = SWITCHES.get(field);
    const text = name ? `${name} ${to[field] ? 'on' : 'off'}` : inWords(field, from[field], to[field]);
    return { rank: Rank.PROJECT, text };
  });
}

/**
 * @param {string} field
 * @param {unknown} from
 * @param {unknown} to
 */
function inWords(field, from, to) {
  const plain = [from, to].every((value) => typeof value === 'string' || typeof value === 'number');
  return plain ? `${short(field)} ${short(from)} to ${short(to)}` : `${short(field)} changed`;
}
