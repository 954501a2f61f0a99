import { makeCall } from './calls.js';
import { makeDatafile } from './datafile.js';
import { Random } from './random.js';
import { makeBucketMap, makeUser } from './users.js';
import { decideOptions, userIds } from './values.js';

/**
 * @typedef {object} User
 * @property {any} id
 * @property {any} attributes
 * @property {string[] | null} [segments]
 *
 * A call on the client, or on the context of the user with that index.
 * @typedef {{on: 'client' | number, method: string, args: any[]}} Call
 *
 * One client from its making to its end. It holds plain values only, so that it can be taken apart and printed.
 * @typedef {object} Scenario
 * @property {string | Record<string, any>} datafile text, or what is made into text
 * @property {ClientSettings} client
 * @property {User[]} users
 * @property {Call[]} calls
 *
 * @typedef {object} ClientSettings
 * @property {any} [defaultDecideOptions]
 * @property {'forwarding' | 'none' | 'failing'} processor
 * @property {ProfileService} [profiles]
 * @property {ProfileService} [asyncProfiles]
 * @property {'true' | 'false' | 'throws'} [validator]
 * @property {'odp' | 'disposable'} [extra]
 *
 * @typedef {{kind: string, stored: Record<string, any>}} ProfileService kind: what is odd about it
 */

const profileKinds = ['good', 'good', 'good', 'lookup throws', 'lookup null', 'lookup undefined', 'lookup text', 'no map', 'save throws', 'no save', 'no lookup', 'not an object'];/** What is no service at all the official SDK checks only of those that answer at once. */
const asyncProfileKinds = profileKinds.filter((kind) => !['no save', 'no lookup', 'not an object'].includes(kind));

/**
 * @param {number} seed
 * @returns {Scenario}
 */
export function makeScenario(seed) {
  const random = new Random(seed);
  const project = makeDatafile(random);
  const users = random.list(3, 8, () => makeUser(random, project));
  return {
    datafile: damage(random, project),
    client: makeClient(random, project),
    users,
    calls: random.list(25, 50, () => makeCall(random, project, users)),
  };
}

/** Now and then the datafile is no good. @param {Random} random @param {Record<string, any>} project */
function damage(random, project) {
  if (!random.chance(0.06)) return project;
  const featureFlags = project.featureFlags.map((/** @type {any} */ flag) => ({ ...flag, experimentIds: [] })); // which lists none that is gone: we take that
  /** @type {(() => string | Record<string, any>)[]} */
  const faults = [
    () => ({ ...project, version: random.pick(['1', '5', 4, null, undefined, '4.0']) }),
    () => ({ ...project, revision: undefined }),
    () => ({ ...project, featureFlags, [random.pick(['groups', 'rollouts', 'audiences', 'typedAudiences', 'attributes', 'events', 'holdouts', 'featureFlags'])]: random.pick([undefined, null, false, 5, {}, [null]]) }),
    () => ({ ...project, featureFlags, experiments: undefined }),
    () => ({ ...project, audiences: [{ id: '501', name: 'bad', conditions: random.pick(['{bad', '', 'and', ['and']]) }] }),
    () => ({ ...project, integrations: [{ host: 'no key' }] }),
    () => ({ ...project, featureFlags: [{ id: '1', key: 'flag_0', rolloutId: '', experimentIds: [] }] }),
    () => JSON.stringify(project).slice(0, random.int(1, 200)),
    () => ` ${JSON.stringify(project, null, 2)}\n`,
    () => escaped(random, JSON.stringify(project)),
    () => random.pick(['null', '[]', '5', '"text"', '{}', 'undefined', '\ufeff{}', ' ']),
  ];
  return random.pick(faults)();
}

/** The same JSON, some letters and digits of which are escaped. @param {Random} random @param {string} json */
function escaped(random, json) {
  const escape = (/** @type {string} */ text) => (text.length === 1 && random.chance(0.1) ? `\\u00${text.charCodeAt(0).toString(16)}` : text);
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (text) => text.replace(/\\u[0-9a-f]{4}|\\.|[a-z0-9]/gi, escape));
}

/** @param {Random} random @param {Record<string, any>} project @returns {ClientSettings} */
function makeClient(random, project) {
  return {
    processor: random.mostly(['forwarding'], ['none', 'failing']),
    ...(random.chance(0.4) && { defaultDecideOptions: random.mostly([random.some(decideOptions, 0.3), ['INCLUDE_REASONS']], [['UNKNOWN'], 'INCLUDE_REASONS', null, {}, [null, 5]]) }),
    ...(random.chance(0.45) && { profiles: makeProfiles(random, project) }),
    ...(random.chance(0.1) && { asyncProfiles: makeProfiles(random, project, asyncProfileKinds) }),
    ...(random.chance(0.06) && { validator: random.pick(/** @type {const} */ (['true', 'false', 'throws'])) }),
    ...(random.chance(0.06) && { extra: random.pick(/** @type {const} */ (['odp', 'disposable'])) }),
  };
}

/** @param {Random} random @param {Record<string, any>} project @param {string[]} [kinds] @returns {ProfileService} */
function makeProfiles(random, project, kinds = profileKinds) {
  const stored = random.some(userIds, 0.4).map((userId) => [userId, { user_id: userId, experiment_bucket_map: makeBucketMap(random, project) }]);
  return { kind: random.pick(kinds), stored: Object.fromEntries(stored) };
}
