import { makeAudiences, makeTargeting, attributes } from './audiences.js';
import { texts, userIds } from './values.js';

/** @typedef {import('./random.js').Random} Random */

const variationKeys = ['on', 'off', 'a', 'b', 'control', 'treatment', '1', '0', 'ünï'];
const variableTypes = ['boolean', 'integer', 'double', 'string', 'json'];

/**
 * A datafile with everything an engine must heed, sane in most of its parts and odd in a few.
 * @param {Random} random
 * @returns {Record<string, any>}
 */
export function makeDatafile(random) {
  return new Maker(random).datafile();
}

class Maker {
  #random;
  #number = 1000;
  /** Of all variations made, for those who name a stranger's. @type {string[]} */
  #variationIds = [];
  /** @type {any[]} */
  #variables = [];
  /** @type {string[]} */
  #audienceIds;
  #audiences;

  /** @param {Random} random */
  constructor(random) {
    this.#random = random;
    const { ids, ...audiences } = makeAudiences(random);
    this.#audiences = audiences;
    this.#audienceIds = ids;
  }

  datafile() {
    const random = this.#random;
    const variablesOfFlags = random.list(1, 5, () => random.list(0, 5, (index) => this.#variable(index)));
    this.#variables = variablesOfFlags.flat();
    const experiments = random.list(0, 5, (index) => this.#experiment(`exp_${index}`));
    const groups = random.list(0, 2, (index) => this.#group(`g${index}`));
    const rollouts = random.list(0, 3, (index) => this.#rollout(String(800 + index)));
    const featureFlags = variablesOfFlags.map((variables, index) => this.#flag(index, variables, [...experiments, ...groups.flatMap((group) => group.experiments)], rollouts));
    const rules = [...experiments, ...groups.flatMap((group) => group.experiments), ...rollouts.flatMap((rollout) => rollout.experiments)].map(({ id }) => id);
    return {
      ...this.#settings(),
      experiments, groups, rollouts, featureFlags, ...this.#audiences,
      attributes: random.some(Object.keys(attributes), 0.7).map((key, index) => ({ id: key.startsWith('$') ? '900' : random.mostly([String(901 + index)], ['901', 'attr', '', undefined], 0.05), key })),
      events: ['purchase', 'signup', '7'].map((key, index) => ({ id: random.mostly([String(951 + index)], ['evt', '']), key, experimentIds: random.some(rules, 0.3) })),
      ...(random.chance(0.35) && { holdouts: random.list(1, 2, (index) => this.#holdout(`holdout_${index}`)) }),
      ...(random.chance(0.3) && { localHoldouts: random.list(1, 2, (index) => ({ ...this.#holdout(`local_${index}`), ...this.#includedRules(rules) })) }),
    };
  }

  #settings() {
    const random = this.#random;
    return {
      version: random.mostly(['4'], ['2', '3']),
      revision: random.mostly(['42'], ['', 42, null]),
      accountId: random.mostly(['12001'], ['', '\ud800"'], 0.03), projectId: '11001',
      ...(random.chance(0.7) && { sdkKey: 'key', environmentKey: 'production' }),
      ...(random.chance(0.8) && { anonymizeIP: random.mostly([true, false], [null, 1, 'true']) }),
      ...(random.chance(0.7) && { botFiltering: random.mostly([true, false], [null, 1, 'true']) }),
      ...(random.chance(0.8) && { sendFlagDecisions: random.mostly([true, false], [null, 1, 'false', 0]) }),
      ...(random.chance(0.3) && { region: random.mostly(['US', 'EU'], ['eu', '', null, 'XX']) }),
    };
  }

  /** Mostly digits, as real ones are. Some of them an object takes for an index and puts first. */
  #id() {
    const number = this.#number++;
    return this.#random.mostly([String(number)], [`id${number}`, String(4294960000 + number), `0${number}`, String(number - 1000), `${number}.5`], 0.15);
  }

  /** @param {number} index */
  #variable(index) {
    const random = this.#random;
    const type = random.mostly(variableTypes, ['unknown'], 0.03);
    const declared = type === 'json' && random.chance(0.5) ? { type: 'string', subType: 'json' } : { type };
    return { id: this.#id(), key: random.mostly([`var_${index}`], [String(index), 'ünï', '']), ...declared, defaultValue: this.#text(type) };
  }

  /** @param {string} type */
  #text(type) {
    const own = texts[type] ?? texts.string;
    return this.#random.mostly(own.slice(0, 3), own, 0.5);
  }

  #variation() {
    const random = this.#random;
    const id = this.#variationIds.length > 0 && random.chance(0.03) ? random.pick(this.#variationIds) : this.#id();
    this.#variationIds.push(id);
    return {
      id, key: random.pick(variationKeys),
      ...(random.chance(0.9) && { featureEnabled: random.mostly([true, true, false], [null, 1, 'true', 0, '']) }),
      ...(random.chance(0.8) && { variables: random.some(this.#variables, 0.4).map(({ id: variableId, type }) => ({ id: variableId, value: this.#text(type) })) }),
    };
  }

  /** @param {string[]} ids */
  #allocation(ids) {
    const random = this.#random;
    if (random.chance(0.4) && ids.length > 0) return [{ entityId: random.pick(ids), endOfRange: 10000 }];
    let end = 0;
    return random.list(0, 4, () => {
      end = random.chance(0.05) ? random.int(0, 10000) : Math.min(10000, end + random.int(0, 6000));
      return { entityId: random.mostly(ids, ['', 'unknown', ...this.#variationIds], 0.15), endOfRange: end };
    });
  }

  /**
   * @param {string} key
   * @param {Record<string, unknown>} [changes]
   */
  #experiment(key, changes) {
    const random = this.#random;
    const variations = random.list(random.chance(0.03) ? 0 : 1, 3, () => this.#variation());
    const type = random.mostly([undefined, 'ab'], ['fr', 'fr', 'cmab', 'mab', 'td'], 0.3);
    return {
      id: this.#id(),
      key: random.mostly([key], ['exp_0', 'exp_1', 'rule_0', '9', 'ünï'], 0.12),
      status: random.mostly(['Running'], ['Paused', 'Not started', 'Launched', 'Archived', 'Draft', 'running', ''], 0.15),
      layerId: random.mostly([this.#id()], ['', 'layer']),
      variations, trafficAllocation: this.#allocation(variations.map(({ id }) => id)),
      ...makeTargeting(random, this.#audienceIds),
      forcedVariations: this.#whitelist(variations),
      ...(type && { type }),
      ...(type === 'cmab' && { cmab: { attributeIds: ['901', '999'], trafficAllocation: random.pick([0, 5000, 10000]) } }),
      ...(random.chance(0.03) && random.pick([{ forcedVariations: undefined }, { layerId: undefined }, { audienceIds: undefined }, { status: undefined }])),
      ...changes,
    };
  }

  /** @param {{key: string}[]} variations */
  #whitelist(variations) {
    const random = this.#random;
    const keys = variations.map(({ key }) => key);
    return Object.fromEntries(random.some(userIds, 0.08).map((userId) => [userId, random.mostly(keys, ['unknown', ''], 0.3)]));
  }

  /** @param {string} id */
  #group(id) {
    const random = this.#random;
    const experiments = random.list(1, 3, (index) => this.#experiment(`${id}_exp_${index}`));
    return { id: random.mostly([this.#id()], [id]), policy: random.mostly(['random'], ['overlapping', '', 'other'], 0.3), trafficAllocation: this.#allocation(experiments.map((experiment) => experiment.id)), experiments };
  }

  /** @param {string} id */
  #rollout(id) {
    const random = this.#random;
    return { id, experiments: random.list(0, 4, (index) => this.#experiment(`rule_${id}_${index}`, { status: random.mostly(['Running'], ['Paused', 'Not started'], 0.4) })) };
  }

  /**
   * @param {number} index
   * @param {any[]} variables
   * @param {any[]} experiments
   * @param {any[]} rollouts
   */
  #flag(index, variables, experiments, rollouts) {
    const random = this.#random;
    const listed = random.some(experiments, 0.4).map(({ id }) => id);
    const rules = rollouts.flatMap((rollout) => rollout.experiments).map(({ id }) => id);
    return {
      id: this.#id(),
      key: random.mostly([`flag_${index}`], ['10', '9', '01', '4294967294', '4294967295', 'flag_0', 'ünï flag', ''], 0.15),
      rolloutId: random.mostly(rollouts.map(({ id }) => id), ['', '', 'unknown', null, undefined], 0.25),
      experimentIds: random.chance(0.03) && rules.length > 0 ? [...listed, random.pick(rules)] : listed,
      variables,
    };
  }

  /** @param {string} key */
  #holdout(key) {
    const random = this.#random;
    const variations = random.list(1, 2, () => ({ ...this.#variation(), featureEnabled: random.chance(0.15) }));
    return {
      id: this.#id(), key: random.mostly([key], ['exp_0', 'ünï'], 0.05),
      status: random.mostly(['Running'], ['Draft', 'Concluded', 'Archived', 'running'], 0.2),
      variations, trafficAllocation: this.#allocation(variations.map(({ id }) => id)).map((range) => ({ ...range, endOfRange: Math.floor(range.endOfRange / random.int(1, 4)) })),
      ...makeTargeting(random, this.#audienceIds),
      ...(random.chance(0.5) && { excludeTargetedDeliveries: random.mostly([true, false], [null, 1, 'false']) }),
      ...(random.chance(0.1) && { includedFlags: ['1001'], excludedFlags: ['1002'] }),
      ...(random.chance(0.1) && { includedRules: ['1003'] }),
    };
  }

  /** @param {string[]} rules */
  #includedRules(rules) {
    const random = this.#random;
    return random.chance(0.15) ? random.pick([{ includedRules: [] }, { includedRules: null }, { includedRules: undefined }, { includedRules: ['unknown'] }]) : { includedRules: random.some(rules, 0.4) };
  }
}
