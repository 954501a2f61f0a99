/**
 * What OpenFeature's flags are: a project's flags, and its experiments that belong to none. A new datafile changes those whose own
 * part of it, with all that it refers to, reads otherwise.
 *
 * @typedef {object} Flag
 * @property {string} part of the datafile, to compare
 * @property {string[]} deliveries keys of the rules that deliver rather than try; the last is for everyone else
 * @property {{id: string, variationIds: Map<string, string>} | undefined} experiment that belongs to no flag; variationIds by key
 */

/**
 * @param {string} datafile
 * @returns {Map<string, Flag>} by the key of the flag or the experiment
 */
export function readFlags(datafile) {
  const project = JSON.parse(datafile);
  const { holdouts, localHoldouts } = project;
  const featureFlags = listOf(project.featureFlags);
  const experiments = experimentsOf(project);
  const rollouts = byId(project.rollouts);
  const partOf = parts(project);
  /** @type {Map<string, Flag>} */
  const flags = new Map();
  for (const flag of featureFlags) {
    const rules = idsOf(flag).map((id) => experiments.get(id));
    const rollout = rollouts.get(String(flag.rolloutId));
    const deliveries = listOf(rollout?.experiments).map((/** @type {{key: string}} */ { key }) => key);
    flags.set(flag.key, { part: partOf([flag, rules, rollout, holdouts, localHoldouts]), deliveries, experiment: undefined });
  }
  const owned = new Set(featureFlags.flatMap(idsOf));
  for (const [id, experiment] of experiments) {
    if (owned.has(id) || flags.has(experiment.key)) continue;
    const variationIds = new Map(listOf(experiment.variations).map((/** @type {any} */ variation) => [variation.key, variation.id]));
    flags.set(experiment.key, { part: partOf([experiment]), deliveries: [], experiment: { id, variationIds } });
  }
  return flags;
}

/**
 * @param {Map<string, Flag>} before
 * @param {Map<string, Flag>} after
 * @returns {string[]} keys of flags that changed, came or went
 */
export function changedFlags(before, after) {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key)?.part !== after.get(key)?.part);
}

/** Those of groups bear their group. @param {any} project */
function experimentsOf({ experiments, groups }) {
  const found = byId(experiments);
  for (const { experiments: members, ...group } of listOf(groups)) {
    for (const member of listOf(members)) found.set(String(member.id), { ...member, group });
  }
  return found;
}

/** Makes texts of entities, with the audiences that they name. @param {any} project @returns {(entities: unknown[]) => string} */
function parts({ audiences, typedAudiences }) {
  const known = [...byId([...listOf(audiences), ...listOf(typedAudiences)])];
  return (entities) => {
    const text = JSON.stringify(entities);
    return text + JSON.stringify(known.filter(([id]) => text.includes(`"${id}"`)));
  };
}

/** @param {{experimentIds?: unknown}} flag @returns {string[]} */
function idsOf({ experimentIds }) {
  return listOf(experimentIds).map(String);
}

/** The last with an id. @param {unknown} entities @returns {Map<string, any>} */
function byId(entities) {
  return new Map(listOf(entities).map((entity) => [String(entity.id), entity]));
}

/** What is no list is an empty one and null is no entity, as the engine has it. @param {unknown} value @returns {any[]} */
function listOf(value) {
  return Array.isArray(value) ? value.filter((one) => one !== null) : [];
}
