/**
 * What even a page that waits with a newer datafile for the next page takes over at once: a rule that was stopped or taken away, a
 * variation or a flag that was turned off. Everything else stays as it is, so that nobody is given another variation.
 *
 * @typedef {{id: string, status: string, variations?: {id: string, featureEnabled?: boolean}[]}} Rule an experiment or a rule of a rollout
 * @typedef {{id: string, experimentIds?: string[], rolloutId?: string}} Flag
 * @typedef {object} Datafile
 * @property {Rule[]} [experiments]
 * @property {{experiments?: Rule[]}[]} [groups]
 * @property {{experiments?: Rule[]}[]} [rollouts]
 * @property {Flag[]} [featureFlags]
 */

/**
 * @param {string} datafile the one that decides
 * @param {string} newest
 * @returns {string} the one that decides with all switched off that is off in the newest; itself when that is nothing
 */
export function switchOff(datafile, newest) {
  /** @type {Datafile} */
  const current = JSON.parse(datafile);
  /** @type {Datafile} */
  const next = JSON.parse(newest);
  const before = JSON.stringify(current);
  const nextRules = byId(rulesOf(next));
  for (const rule of rulesOf(current)) stop(rule, nextRules.get(String(rule.id)));
  const nextFlags = byId(next.featureFlags ?? []);
  for (const flag of current.featureFlags ?? []) detach(flag, nextFlags.get(String(flag.id)));
  const after = JSON.stringify(current);
  return after === before ? datafile : after;
}

/** @param {Datafile} datafile */
function rulesOf({ experiments, groups, rollouts }) {
  return [{ experiments }, ...(groups ?? []), ...(rollouts ?? [])].flatMap((owner) => owner.experiments ?? []);
}

/** Ids that are numbers are texts to the engine. @template {{id: string}} T @param {T[]} entities */
function byId(entities) {
  return new Map(entities.map((entity) => [String(entity.id), entity]));
}

/** @param {Rule} rule @param {Rule} [next] the same in the newest, unless it is gone */
function stop(rule, next) {
  if (rule.status === 'Running' && next?.status !== 'Running') rule.status = next?.status ?? 'Paused';
  const variations = byId(next?.variations ?? []);
  for (const variation of rule.variations ?? []) {
    if (variations.get(String(variation.id))?.featureEnabled === false) variation.featureEnabled = false;
  }
}

/** Takes away the rules that the flag no longer has. @param {Flag} flag @param {Flag} [next] */
function detach(flag, next) {
  flag.experimentIds = flag.experimentIds?.filter((id) => next?.experimentIds?.includes(id));
  if (flag.rolloutId && !next?.rolloutId) flag.rolloutId = '';
}
