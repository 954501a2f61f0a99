/** Compares every answer and every event of two SDKs. */

import { specialContexts } from './special.js';

/**
 * @param {any[]} sdks the official one first
 * @param {string} datafile
 * @param {any} workload
 * @returns {Promise<{answers: number, something: number, events: number}>} rejects with the first difference
 */
export async function compareAll(sdks, datafile, { keys, experiments, arbitrary, matching }) {
  const players = await Promise.all(sdks.map((sdk) => Player.open(sdk, datafile)));
  const result = { answers: 0, something: 0, events: 0 };
  /** @param {string} what @param {(player: Player) => unknown} ask */
  const check = (what, ask) => {
    const [expected, got] = players.map((player) => JSON.stringify(ask(player)));
    if (got !== expected) throw new Error(`${what}: official ${expected}, ours ${got}`);
    result.answers++;
    if (expected !== 'null') result.something++;
  };
  for (const visitor of arbitrary) {
    const { id, attributes } = visitor;
    const who = `${id} with ${JSON.stringify(attributes)}`;
    for (const key of experiments) check(`getVariation of ${key} for ${who}`, ({ client }) => client.getVariation(key, id, attributes));
    check(`decideAll for ${who}`, (player) => player.decideAll(visitor));
  }
  for (const visitor of matching) {
    const { id, attributes } = visitor;
    check(`decide for ${id}`, (player) => player.decide(visitor, keys.flag));
    check(`decide of the rollout for ${id}`, (player) => player.decide(visitor, keys.rollout));
    check(`activate for ${id}`, ({ client }) => client.activate(keys.experiment, id, attributes));
    for (const [name, make] of Object.entries(specialContexts)) {
      for (const options of [[], ['INCLUDE_REASONS']]) check(`decide for ${id} as ${name}`, ({ client }) => told(make(client, visitor, keys).decide(keys.flag, options)));
    }
    check(`track for ${id}`, ({ client }) => client.track(keys.event, id, attributes, { revenue: 4200, category: 'hats' }) ?? null);
  }
  for (const { id, attributes } of matching) {
    check(`setForcedVariation for ${id}`, ({ client }) => client.setForcedVariation(keys.experiment, id, keys.variation));
    check(`getVariation for ${id} that is forced`, ({ client }) => client.getVariation(keys.experiment, id, attributes));
  }
  const [expected, got] = players.map((player) => player.events);
  for (let i = 0; i < Math.max(expected.length, got.length); i++) {
    if (expected[i] !== got[i]) throw new Error(`event ${i}: official ${expected[i]}, ours ${got[i]}`);
  }
  result.events = got.length;
  return result;
}

/** One SDK's answers, and its events without what is random or its own name. */
class Player {
  /** @type {string[]} */
  events = [];
  /** @type {any} */
  client;

  /** @param {any} sdk @param {string} datafile */
  static async open(sdk, datafile) {
    const player = new Player();
    const dispatchEvent = (/** @type {any} */ event) => {
      player.events.push(JSON.stringify(sorted(event)));
      return Promise.resolve({ statusCode: 200 });
    };
    player.client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }), eventProcessor: sdk.createForwardingEventProcessor({ dispatchEvent }),
    });
    await player.client.onReady();
    return player;
  }

  /** @param {any} visitor @param {string} key */
  decide({ id, attributes }, key) {
    return told(this.client.createUserContext(id, attributes).decide(key, ['INCLUDE_REASONS']));
  }

  /** @param {any} visitor */
  decideAll({ id, attributes }) {
    return Object.values(this.client.createUserContext(id, attributes).decideAll()).map(told);
  }
}

/** @param {any} decision */
function told({ variationKey, enabled, variables, ruleKey, flagKey, userContext, reasons }) {
  return { variationKey, enabled, variables, ruleKey, flagKey, reasons, user: [userContext.getUserId(), userContext.getAttributes()] };
}

/** Members in order of their names, so that both sides' JSON is alike; what differs by nature is left out. @param {any} value @returns {any} */
function sorted(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).filter(([name, member]) => member !== undefined && !['uuid', 'timestamp', 'client_version'].includes(name));
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]));
}
