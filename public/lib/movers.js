/** Whom a new datafile moves: made-up visitors, decided for by the engine with both. */

import { isolated } from './bidi.js';
import { formatCount } from './figures.js';
import { subjectsOf } from './question.js';

/**
 * @typedef {import('../sdk/engine/index.js').Project} Project
 * @typedef {{name: string, moved: number}} Movement of visitors who get something else now
 */

const VISITORS = 1000;
/** Flags and experiments are asked for up to so many; a project may have thousands. */
const MOST_SUBJECTS = 50;

/**
 * @param {{project: Project, datafile: any}} before
 * @param {{project: Project, datafile: any}} after
 * @param {import('./attributes.js').Attributes} attributes that each visitor has
 * @returns {Movement[]} of flags and experiments that both have and that move anyone, the greatest first
 */
export function movedBetween(before, after, attributes) {
  const [was, is] = [before, after].map(({ datafile }) => subjectsOf(datafile));
  const experiments = is.experiments.filter((key) => was.experiments.includes(key)).slice(0, MOST_SUBJECTS);
  const flags = is.flags.filter((key) => was.flags.includes(key)).slice(0, MOST_SUBJECTS);
  const movements = [
    ...experiments.map((key) => ({ name: key, moved: count((id) => variationOf(before.project, key, { id, attributes }) !== variationOf(after.project, key, { id, attributes })) })),
    ...flags.map((key) => ({ name: `flag ${key}`, moved: count((id) => stateOf(before.project, key, { id, attributes }) !== stateOf(after.project, key, { id, attributes })) })),
  ];
  return movements.filter(({ moved }) => moved > 0).sort((a, b) => b.moved - a.moved);
}

/** @param {(visitor: string) => boolean} holds */
function count(holds) {
  let found = 0;
  for (let i = 0; i < VISITORS; i++) if (holds(`visitor-${i}`)) found++;
  return found;
}

/** @param {Project} project @param {string} key @param {import('../sdk/engine/index.js').User} visitor */
function variationOf(project, key, visitor) {
  const experiment = project.experiment(key);
  return experiment && project.getVariation(experiment, visitor)?.key;
}

/** @param {Project} project @param {string} key @param {import('../sdk/engine/index.js').User} visitor */
function stateOf(project, key, visitor) {
  const flag = project.flag(key);
  if (!flag) return undefined;
  const { outcome } = project.decide(flag, visitor);
  return `${outcome.enabled} ${outcome.variationKey}`;
}

/**
 * @param {Movement[]} movements
 * @param {'get' | 'would get'} verb
 * @returns {string} such as "Of 1,000 made-up visitors 313 get another variation of item-sort."
 */
export function describeMovements(movements, verb) {
  const moved = movements.map(({ name, moved: count }) => `${formatCount(count)} ${verb} another variation of ${isolated(name)}`);
  return `Of ${formatCount(VISITORS)} made-up visitors ${moved.length ? moved.join(', ') : `none ${verb} another variation`}.`;
}
