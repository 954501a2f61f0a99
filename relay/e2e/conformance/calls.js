import { segments } from './audiences.js';
import { everyExperiment, makeAttributes } from './users.js';
import { decideOptions, tags, userIds, wrongs } from './values.js';

/**
 * @typedef {import('./random.js').Random} Random
 * @typedef {import('./scenario.js').Call} Call
 * @typedef {Record<string, any>} Project
 */

/** How often each kind of call is made. @type {[number, (maker: Maker) => Call][]} */
const kinds = [
  [20, (maker) => maker.decide()],
  [8, (maker) => maker.decideForKeys()],
  [6, (maker) => maker.decideAll()],
  [8, (maker) => maker.onExperiment(['activate', 'getVariation'])],
  [8, (maker) => maker.onFlag()],
  [8, (maker) => maker.variable()],
  [8, (maker) => maker.forcedVariation()],
  [10, (maker) => maker.forcedDecision()],
  [8, (maker) => maker.track()],
  [6, (maker) => maker.onContext()],
  [2, (maker) => maker.onClient('getOptimizelyConfig')],
  [2, (maker) => maker.onOdp()],
  [0.2, (maker) => maker.onClient('close')],
];
const total = kinds.reduce((sum, [weight]) => sum + weight, 0);

/**
 * @param {Random} random
 * @param {Project} project
 * @param {import('./scenario.js').User[]} users
 * @returns {Call}
 */
export function makeCall(random, project, users) {
  let left = random.next() * total;
  const [, make] = kinds.find(([weight]) => (left -= weight) < 0) ?? kinds[0];
  const call = make(new Maker(random, project, users));
  if (random.chance(0.03) && call.args.length > 0 && call.method !== 'qualifiedSegments') call.args[random.int(0, call.args.length - 1)] = random.pick(wrongs);
  if (random.chance(0.005)) call.args = [];
  return call;
}

/** Makes calls that mostly name what the project and the users have. */
class Maker {
  #random;
  #project;
  #users;

  /** @param {Random} random @param {Project} project @param {import('./scenario.js').User[]} users */
  constructor(random, project, users) {
    this.#random = random;
    this.#project = project;
    this.#users = users;
  }

  /** @param {string} method @param {...any} args @returns {Call} */
  onClient(method, ...args) {
    return { on: 'client', method, args };
  }

  /** @param {string} method @param {...any} args @returns {Call} */
  #onUser(method, ...args) {
    return { on: this.#random.int(0, this.#users.length - 1), method, args };
  }

  decide() {
    return this.#onUser(this.#maybeLater('decide'), this.#flagKey(), ...this.#options());
  }

  decideForKeys() {
    const keys = this.#random.list(0, 4, () => this.#flagKey());
    return this.#onUser(new Set(keys).size === keys.length ? this.#maybeLater('decideForKeys') : 'decideForKeys', keys, ...this.#options());
  }

  decideAll() {
    return this.#onUser(this.#maybeLater('decideAll'), ...this.#options());
  }

  /** @param {string[]} methods */
  onExperiment(methods) {
    return this.onClient(this.#random.pick(methods), this.#experimentKey(), ...this.#who());
  }

  onFlag() {
    const method = this.#random.pick(['isFeatureEnabled', 'isFeatureEnabled', 'getAllFeatureVariables', 'getEnabledFeatures']);
    return method === 'getEnabledFeatures' ? this.onClient(method, ...this.#who()) : this.onClient(method, this.#flagKey(), ...this.#who());
  }

  variable() {
    const random = this.#random;
    const flag = random.pick(this.#project.featureFlags);
    const { key, type, subType } = random.pick([...flag.variables, { key: 'unknown', type: 'string' }]);
    const typed = { boolean: 'Boolean', integer: 'Integer', double: 'Double', string: subType === 'json' ? 'JSON' : 'String', json: 'JSON' }[/** @type {string} */ (type)];
    return this.onClient(`getFeatureVariable${random.mostly(['', typed ?? ''], ['Boolean', 'Integer', 'Double', 'String', 'JSON'], 0.15)}`, flag.key, key, ...this.#who());
  }

  forcedVariation() {
    const random = this.#random;
    const experiment = random.pick([...everyExperiment(this.#project), { key: 'unknown', variations: [] }]);
    const userId = this.#userId();
    if (random.chance(0.25)) return this.onClient('getForcedVariation', experiment.key, userId);
    const keys = experiment.variations.map((/** @type {any} */ { key }) => key);
    return this.onClient('setForcedVariation', experiment.key, userId, random.mostly(keys, [null, undefined, '', 'unknown'], 0.3));
  }

  /** Mostly for a rule of the flag, and a variation that some rule has. */
  forcedDecision() {
    const random = this.#random;
    const method = random.mostly(['setForcedDecision'], ['getForcedDecision', 'removeForcedDecision', 'removeAllForcedDecisions'], 0.3);
    if (method === 'removeAllForcedDecisions') return this.#onUser(method);
    const flag = random.pick(this.#project.featureFlags);
    const rules = this.#rulesOf(flag);
    const ruleKey = random.mostly(rules.map(({ key }) => key), ['', null, undefined, this.#experimentKey()], 0.15);
    const variationKeys = rules.flatMap(({ variations }) => variations.map((/** @type {any} */ { key }) => key));
    const where = { flagKey: random.mostly([flag.key], ['unknown'], 0.05), ...(random.chance(0.65) && { ruleKey }) };
    return this.#onUser(method, where, ...(method === 'setForcedDecision' ? [{ variationKey: random.mostly(variationKeys, ['unknown', '', this.#variationKey()], 0.15) }] : []));
  }

  track() {
    const random = this.#random;
    const eventKey = random.mostly(this.#project.events.map((/** @type {any} */ { key }) => key), ['unknown', '']);
    const tagged = random.chance(0.75) ? [random.pick(tags)] : [];
    return random.chance(0.4) ? this.#onUser('trackEvent', eventKey, ...tagged) : this.onClient('track', eventKey, ...this.#who(), ...tagged);
  }

  onContext() {
    const random = this.#random;
    const method = random.pick(['getUserId', 'getAttributes', 'setAttribute', 'isQualifiedFor', 'qualifiedSegments']);
    if (method === 'setAttribute') return this.#onUser(method, ...random.pick(Object.entries({ country: 'de', ...makeAttributes(random, this.#project) })));
    if (method === 'isQualifiedFor') return this.#onUser(method, random.pick(segments));
    return this.#onUser(method, ...(method === 'qualifiedSegments' && random.chance(0.5) ? [random.some(segments)] : []));
  }

  onOdp() {
    const random = this.#random;
    if (random.chance(0.3)) return this.#onUser('fetchQualifiedSegments');
    return this.onClient(random.pick(['getVuid', 'isOdpIntegrated', 'sendOdpEvent']), ...(random.chance(0.5) ? ['action', 'type'] : []));
  }

  /**
   * Where a project asks no service for its predictions, and no two flags share an experiment: which of them was bucketed into it
   * first, and so what their reasons say, hangs on how the official SDK's promises interleave.
   * @param {string} method
   */
  #maybeLater(method) {
    const predicts = everyExperiment(this.#project).some(({ cmab }) => cmab);
    const listed = this.#project.featureFlags.flatMap((/** @type {any} */ { experimentIds }) => experimentIds);
    return !predicts && new Set(listed).size === listed.length && this.#random.chance(0.3) ? `${method}Async` : method;
  }

  #options() {
    const random = this.#random;
    if (random.chance(0.1)) return [];
    const some = [...(random.chance(0.7) ? ['INCLUDE_REASONS'] : []), ...random.some(decideOptions, 0.12)];
    return [random.mostly([some], [['UNKNOWN'], [...some, 'UNKNOWN', null], 'INCLUDE_REASONS', {}, null, undefined, ['include_reasons']], 0.05)];
  }

  #who() {
    const random = this.#random;
    const { id, attributes } = random.pick(this.#users);
    return random.chance(0.1) ? [id] : [id, attributes];
  }

  #userId() {
    return this.#random.mostly(this.#users.map(({ id }) => id), userIds, 0.1);
  }

  #flagKey() {
    return this.#random.mostly(this.#project.featureFlags.map((/** @type {any} */ { key }) => key), ['unknown', ''], 0.05);
  }

  /** @param {any} flag @returns {any[]} */
  #rulesOf({ experimentIds, rolloutId }) {
    const rollout = this.#project.rollouts.find((/** @type {any} */ { id }) => id === rolloutId);
    return [...everyExperiment(this.#project).filter(({ id }) => experimentIds.includes(id)), ...(rollout?.experiments ?? [])];
  }

  #experimentKey() {
    return this.#random.mostly(everyExperiment(this.#project).map(({ key }) => key), ['unknown', ''], 0.06);
  }

  #variationKey() {
    const keys = everyExperiment(this.#project).flatMap(({ variations }) => variations.map((/** @type {any} */ { key }) => key));
    return this.#random.mostly(keys, ['unknown', '', null], 0.08);
  }
}
