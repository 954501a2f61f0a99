/**
 * Gives the feature rollouts of a parsed datafile the variation for everyone else, as the official SDK does while it parses: the
 * first one of the last rule of the flag's rollout goes to all whom the experiment's own traffic leaves out.
 * @param {any} project is changed
 */
export function completeFeatureRollouts({ experiments, groups, rollouts, featureFlags }) {
  const ofRollouts = (rollouts ?? []).flatMap((/** @type {any} */ rollout) => rollout.experiments ?? []);
  const all = [...(experiments ?? []), ...(groups ?? []).flatMap((/** @type {any} */ group) => group.experiments ?? []), ...ofRollouts];
  const byId = new Map(all.map((experiment) => [experiment.id, experiment]));
  const rolloutById = new Map((rollouts ?? []).map((/** @type {any} */ rollout) => [rollout.id, rollout]));
  for (const { rolloutId, experimentIds } of featureFlags ?? []) {
    const everyoneElse = rolloutById.get(rolloutId)?.experiments?.at(-1)?.variations?.[0];
    if (!everyoneElse) continue;
    for (const id of experimentIds ?? []) {
      const experiment = byId.get(id);
      if (experiment?.type !== 'fr') continue;
      experiment.variations.push(everyoneElse);
      experiment.trafficAllocation.push({ entityId: everyoneElse.id, endOfRange: 10000 });
    }
  }
}
