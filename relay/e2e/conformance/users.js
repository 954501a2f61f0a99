import { attributes as attributeKinds, segments } from './audiences.js';
import { numbers, strings, things, unwritable, userIds, versions, wrongs } from './values.js';

/** @typedef {import('./random.js').Random} Random */

const kinds = { text: strings, number: [...numbers, ...unwritable], truth: [true, false], version: versions };
/** Stored decisions: of variations that are the experiment's, another's, or gone. @param {Random} random @param {Record<string, any>} project */
export function makeBucketMap(random, project) {
  const experiments = everyExperiment(project);
  const variationIds = experiments.flatMap(({ variations }) => variations.map((/** @type {any} */ { id }) => id));
  return Object.fromEntries(random.some(experiments, 0.5).map(({ id, variations }) => {
    const own = variations.map((/** @type {any} */ variation) => variation.id);
    const stored = { variation_id: random.mostly(own, ['unknown', null, 5, ...variationIds], 0.25) };
    return [id, random.mostly([stored], [{}, 'text'], 0.03)];
  }));
}

/** @param {Record<string, any>} project @returns {any[]} */
export function everyExperiment({ experiments, groups = [], rollouts = [] }) {
  return [...experiments, ...groups.flatMap((/** @type {any} */ group) => group.experiments), ...rollouts.flatMap((/** @type {any} */ rollout) => rollout.experiments)];
}

/** @param {Random} random @param {Record<string, any>} project @returns {import('./scenario.js').User} */
export function makeUser(random, project) {
  const id = random.mostly(/** @type {any[]} */ (userIds), wrongs, 0.04);
  const user = { id, attributes: makeAttributes(random, project) };
  return random.chance(0.3) ? { ...user, segments: random.pick([random.some(segments, 0.5), [], null]) } : user;
}

/** @param {Random} random @param {Record<string, any>} project */
export function makeAttributes(random, project) {
  if (random.chance(0.12)) return random.mostly([undefined, {}], wrongs, 0.4);
  /** @type {Record<string, unknown>} */
  const attributes = {};
  for (const [name, kind] of random.some(Object.entries(attributeKinds), 0.6)) {
    attributes[name] = random.mostly(/** @type {unknown[]} */ (kinds[kind]), [...things, ...strings, ...numbers, ...unwritable, true], 0.12);
  }
  if (random.chance(0.1)) attributes[random.pick(['nobody knows it', '5', '$opt_custom'])] = random.pick([...strings, ...numbers, ...things]);
  if (random.chance(0.12)) attributes.$opt_bucketing_id = random.pick([...userIds, null, 5, true, {}]);
  if (random.chance(0.1)) attributes.$opt_experiment_bucket_map = random.mostly([makeBucketMap(random, project)], [null, {}, 'text', []], 0.15);
  if (random.chance(0.01)) attributes.country = undefined;
  return attributes;
}
