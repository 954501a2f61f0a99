/**
 * What applications call often, as rows of the table. The page takes this file once for each SDK, so that neither is slowed by what the
 * compiler learned of the other. `run` makes its call once for each item and counts the answers that are something.
 *
 * @typedef {{id: string, attributes: Record<string, unknown>}} Visitor
 * @typedef {{flag: string, rollout: string, experiment: string, variation: string, event: string}} Keys of what is measured
 */

import { specialContexts } from './special.js';

const QUIET = ['DISABLE_DECISION_EVENT'];

/** @param {any} client @param {Visitor[]} visitors */
const asContexts = (client, visitors) => visitors.map(({ id, attributes }) => client.createUserContext(id, attributes));

/** @param {any} _client @param {Visitor[]} visitors */
const asTheyAre = (_client, visitors) => visitors;

/** Contexts of that name. @param {string} name */
const asSpecial = (name) => (/** @type {any} */ client, /** @type {Visitor[]} */ visitors, /** @type {Keys} */ keys) => visitors.map((visitor) => specialContexts[name](client, visitor, keys));

/** @param {any} _client @param {any[]} contexts @param {Keys} keys */
function decideEach(_client, contexts, { flag }) {
  let count = 0;
  for (const context of contexts) if (context.decide(flag, QUIET).variationKey !== null) count++;
  return count;
}

/** @param {any} client @param {Visitor[]} visitors @param {Keys} keys */
function getVariationOfEach(client, visitors, { experiment }) {
  let count = 0;
  for (const { id, attributes } of visitors) if (client.getVariation(experiment, id, attributes) !== null) count++;
  return count;
}

export const cases = {
  newContext: {
    prepare: asTheyAre,
    run(/** @type {any} */ client, /** @type {Visitor[]} */ visitors, /** @type {Keys} */ { flag }) {
      let count = 0;
      for (const { id, attributes } of visitors) if (client.createUserContext(id, attributes).decide(flag, QUIET).variationKey !== null) count++;
      return count;
    },
  },
  decide: {
    prepare: asContexts,
    run: decideEach,
  },
  oneContext: {
    prepare: (/** @type {any} */ client, /** @type {Visitor[]} */ visitors) => asContexts(client, visitors.slice(0, 100)).flatMap((context) => Array(20).fill(context)),
    run(/** @type {any} */ _client, /** @type {any[]} */ contexts, /** @type {Keys} */ { flag, rollout }) {
      let count = 0;
      for (let i = 0; i < contexts.length; i++) if (contexts[i].decide(i % 2 === 0 ? flag : rollout, QUIET).variationKey !== null) count++;
      return count;
    },
  },
  eachFlag: {
    prepare(/** @type {any} */ client, /** @type {Visitor[]} */ visitors) {
      const flags = Object.keys(client.createUserContext('', {}).decideAll(QUIET));
      return asContexts(client, visitors).map((context, i) => ({ context, flag: flags[i % flags.length] }));
    },
    run(/** @type {any} */ _client, /** @type {{context: any, flag: string}[]} */ asked) {
      let count = 0;
      for (const { context, flag } of asked) if (context.decide(flag, QUIET).variationKey !== null) count++;
      return count;
    },
  },
  rollout: {
    prepare: asContexts,
    run(/** @type {any} */ _client, /** @type {any[]} */ contexts, /** @type {Keys} */ { rollout }) {
      let count = 0;
      for (const context of contexts) if (context.decide(rollout, QUIET).enabled) count++;
      return count;
    },
  },
  decideAll: {
    prepare: (/** @type {any} */ client, /** @type {Visitor[]} */ visitors) => asContexts(client, visitors.slice(0, 50)),
    run(/** @type {any} */ _client, /** @type {any[]} */ contexts) {
      let count = 0;
      for (const context of contexts) for (const key in context.decideAll(QUIET)) if (key !== '') count++;
      return count;
    },
  },
  getVariation: {
    prepare: asTheyAre,
    run: getVariationOfEach,
  },
  activate: {
    prepare: asTheyAre,
    run(/** @type {any} */ client, /** @type {Visitor[]} */ visitors, /** @type {Keys} */ { experiment }) {
      let count = 0;
      for (const { id, attributes } of visitors) if (client.activate(experiment, id, attributes) !== null) count++;
      return count;
    },
  },
  track: {
    prepare: asTheyAre,
    run(/** @type {any} */ client, /** @type {Visitor[]} */ visitors, /** @type {Keys} */ { event }) {
      for (const { id, attributes } of visitors) client.track(event, id, attributes, { revenue: 4200, category: 'hats' });
      return visitors.length;
    },
  },
  forced: { prepare: asSpecial('forced'), run: decideEach },
  forcedRule: { prepare: asSpecial('forcedRule'), run: decideEach },
  segments: { prepare: asSpecial('segments'), run: decideEach },
  remembered: { prepare: asSpecial('remembered'), run: decideEach },
  // Behind the others, as from here on something is forced for somebody.
  forcedVariation: {
    prepare(/** @type {any} */ client, /** @type {Visitor[]} */ visitors, /** @type {Keys} */ { experiment, variation }) {
      for (const { id } of visitors) client.setForcedVariation(experiment, id, variation);
      return visitors;
    },
    run: getVariationOfEach,
  },
};
