/**
 * What a user profile service remembers: which variation of an experiment a user was bucketed into. One lookup before decisions, one
 * save after them if something is new. The attribute $opt_experiment_bucket_map adds to what was looked up.
 *
 * @typedef {Record<string, {variation_id: string}>} BucketMap by experiment id
 * @typedef {{user_id: string, experiment_bucket_map: BucketMap}} UserProfile
 * @typedef {{lookup(userId: string): any, save(profile: UserProfile): any}} UserProfileService
 *
 * @typedef {import('./engine/index.js').User} User
 */

import { messageOf } from './lib/message.js';

export class UserProfiles {
  #service;
  #logger;

  /**
   * @param {UserProfileService | undefined} service
   * @param {import('./lib/logger.js').Logger} logger
   */
  constructor(service, logger) {
    this.#service = service;
    this.#logger = logger;
  }

  /** Whether there is anything to remember by. @param {Record<string, unknown> | null | undefined} attributes */
  concern(attributes) {
    return this.#service !== undefined || attributes?.$opt_experiment_bucket_map != null;
  }

  /**
   * Never rejects; for services whose lookup returns no promise, lookUpSync.
   * @param {string} userId
   * @param {Record<string, unknown> | null | undefined} attributes
   * @returns {Promise<BucketMap>}
   */
  async lookUp(userId, attributes) {
    let profile;
    try {
      profile = await this.#service?.lookup(userId);
    } catch (error) {
      this.#report('looking up', userId, error);
    }
    return merge(profile, attributes);
  }

  /** @param {string} userId @param {Record<string, unknown> | null | undefined} attributes @returns {BucketMap} */
  lookUpSync(userId, attributes) {
    let profile;
    try {
      profile = this.#service?.lookup(userId);
    } catch (error) {
      this.#report('looking up', userId, error);
    }
    return merge(profile, attributes);
  }

  /**
   * Saves what decisions added to a map; resolves when that is done, and never rejects.
   * @param {string} userId
   * @param {BucketMap} map
   * @param {BucketMap} additions
   */
  save(userId, map, additions) {
    if (!this.#service || Object.keys(additions).length === 0) return undefined;
    Object.assign(map, additions);
    const failed = (/** @type {unknown} */ error) => this.#report('saving', userId, error);
    try {
      const saved = this.#service.save({ user_id: userId, experiment_bucket_map: map });
      this.#logger.info('Saved user profile for user "%s".', userId);
      return saved instanceof Promise ? saved.catch(failed) : undefined;
    } catch (error) {
      return failed(error);
    }
  }

  /** @param {string} doing @param {string} userId @param {unknown} error @returns {undefined} */
  #report(doing, userId, error) {
    this.#logger.error('Error while %s user profile for user ID "%s": %s.', doing, userId, messageOf(error));
  }
}

/** @param {any} profile @param {Record<string, unknown> | null | undefined} attributes @returns {BucketMap} */
function merge(profile, attributes) {
  return { ...profile?.experiment_bucket_map, .../** @type {BucketMap | undefined} */ (attributes?.$opt_experiment_bucket_map) };
}

/**
 * A service an application passed, when it is one.
 * @param {any} service
 * @param {import('./lib/logger.js').Logger} logger
 * @returns {UserProfileService | undefined}
 */
export function checkService(service, logger) {
  if (!service) return undefined;
  const missing = ['lookup', 'save'].find((method) => typeof service[method] !== 'function');
  if (!missing) return service;
  logger.warn("Provided user profile service instance is in an invalid format: Missing function '%s'.", missing);
  return undefined;
}
