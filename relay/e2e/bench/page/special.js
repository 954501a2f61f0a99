/**
 * Contexts of users as few are: by name, with something forced, with segments, or with a variation they had before.
 *
 * @typedef {(client: any, visitor: import('./cases.js').Visitor, keys: import('./cases.js').Keys) => any} Make
 */

/** @type {Record<string, Make>} */
export const specialContexts = {
  forced(client, { id, attributes }, { flag, variation }) {
    const context = client.createUserContext(id, attributes);
    context.setForcedDecision({ flagKey: flag }, { variationKey: variation });
    return context;
  },
  forcedRule(client, { id, attributes }, { flag, experiment, variation }) {
    const context = client.createUserContext(id, attributes);
    context.setForcedDecision({ flagKey: flag, ruleKey: experiment }, { variationKey: variation });
    return context;
  },
  segments(client, { id, attributes }) {
    const context = client.createUserContext(id, attributes);
    context.qualifiedSegments = ['gold', 'vip'];
    return context;
  },
  remembered(client, { id, attributes }, { experiment, variation }) {
    const { id: experimentId, variationsMap } = client.getOptimizelyConfig().experimentsMap[experiment];
    const before = { [experimentId]: { variation_id: variationsMap[variation].id } };
    return client.createUserContext(id, { ...attributes, $opt_experiment_bucket_map: before });
  },
};
