/**
 * A user and their attributes, as a client sees them. Decisions carry a clone of the context they were made with. What a context
 * has shared is replaced, never changed, so that a clone has it for free; only the rules forced for one flag are shared for good, as
 * officially.
 *
 * @typedef {import('./decide.js').OptimizelyDecision} OptimizelyDecision
 * @typedef {import('./engine/index.js').User & {attributes: Record<string, unknown>}} User whom the engine decides for
 * @typedef {import('./engine/index.js').Special} Special
 * @typedef {{flagKey: string, ruleKey?: string}} DecisionContext
 * @typedef {{variationKey: string}} ForcedDecision
 * @typedef {Map<string, Map<string, string>>} ForcedDecisions variation keys by flag key and rule key
 */

import { NO_RULE, toUser } from './engine/index.js';

/** What is forced for most. It is never written: a context that forces something gets a map of its own. @type {ForcedDecisions} */
const NOTHING = new Map();

export class OptimizelyUserContext {
  #client;
  /** Who the engine takes the user for: the same object each time, which saves telling the engine again. */
  #user;
  /** Whether nobody else holds the user's attributes, so that they may be set where they are. */
  #isAlone = false;
  #forced;
  /** Segments that qualify the user; null until some are set. @type {string[] | null} */
  qualifiedSegments;

  /**
   * @param {import('./client.js').Client} client
   * @param {User} user
   * @param {ForcedDecisions} [forced]
   * @param {string[] | null} [segments]
   */
  constructor(client, user, forced = NOTHING, segments = null) {
    this.#client = client;
    this.#user = user;
    this.#forced = forced;
    this.qualifiedSegments = segments;
  }

  /** As in client.js. */
  get __v_skip() {
    return true;
  }

  getUserId() {
    return this.#user.id;
  }

  /** A copy. */
  getAttributes() {
    return { ...this.#user.attributes };
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  setAttribute(key, value) {
    const { id, attributes } = this.#user;
    if (this.#isAlone && key !== '__proto__') attributes[key] = value;
    else {
      this.#user = toUser(id, { ...attributes, [key]: value }, true);
      this.#isAlone = true;
    }
  }

  /**
   * Decides a flag.
   * @param {string} key
   * @param {string[]} [options]
   * @returns {OptimizelyDecision}
   */
  decide(key, options = []) {
    return this.#client.flags.decide(this.#clone(), key, options);
  }

  /** @param {string} key @param {string[]} [options] @returns {Promise<OptimizelyDecision>} */
  decideAsync(key, options = []) {
    return this.#client.flags.decideAsync(this.#clone(), key, options);
  }

  /**
   * Decides several flags.
   * @param {string[]} keys
   * @param {string[]} [options]
   * @returns {Record<string, OptimizelyDecision>} by flag key
   */
  decideForKeys(keys, options = []) {
    return this.#client.flags.decideForKeys(this.#clone(), keys, options);
  }

  /** @param {string[]} keys @param {string[]} [options] @returns {Promise<Record<string, OptimizelyDecision>>} */
  decideForKeysAsync(keys, options = []) {
    return this.#client.flags.decideForKeysAsync(this.#clone(), keys, options);
  }

  /** Decides every flag of the datafile. @param {string[]} [options] @returns {Record<string, OptimizelyDecision>} */
  decideAll(options = []) {
    return this.#client.flags.decideAll(this.#clone(), options);
  }

  /** @param {string[]} [options] @returns {Promise<Record<string, OptimizelyDecision>>} */
  decideAllAsync(options = []) {
    return this.#client.flags.decideAllAsync(this.#clone(), options);
  }

  /**
   * Tracks a conversion of this user.
   * @param {string} eventKey
   * @param {Record<string, unknown>} [eventTags]
   */
  trackEvent(eventKey, eventTags) {
    this.#isAlone = false; // listeners are given the attributes
    this.#client.track(eventKey, this.#user.id, this.#user.attributes, eventTags);
  }

  /**
   * Decides a flag, or one rule of it, for this user whatever the datafile says. Nothing is checked before a decision is made.
   * @param {DecisionContext} context
   * @param {ForcedDecision} decision
   * @returns {boolean} true
   */
  setForcedDecision({ flagKey, ruleKey }, { variationKey }) {
    let rules = this.#forced.get(flagKey);
    if (!rules) {
      rules = new Map();
      this.#forced = new Map(this.#forced).set(flagKey, rules);
    }
    rules.set(ruleKey ?? NO_RULE, variationKey);
    return true;
  }

  /** @param {DecisionContext} context @returns {ForcedDecision | null} */
  getForcedDecision({ flagKey, ruleKey }) {
    const rules = this.#forced.get(flagKey);
    const rule = ruleKey ?? NO_RULE;
    return rules?.has(rule) ? { variationKey: /** @type {string} */ (rules.get(rule)) } : null;
  }

  /** @param {DecisionContext} context @returns {boolean} whether there was one */
  removeForcedDecision({ flagKey, ruleKey }) {
    return this.#forced.get(flagKey)?.delete(ruleKey ?? NO_RULE) ?? false;
  }

  /** @returns {boolean} true */
  removeAllForcedDecisions() {
    this.#forced = NOTHING;
    return true;
  }

  /** @param {string} segment */
  isQualifiedFor(segment) {
    return this.qualifiedSegments?.includes(segment) ?? false;
  }

  /** There is no service to ask for segments. @returns {Promise<boolean>} whether segments were set */
  async fetchQualifiedSegments() {
    this.qualifiedSegments = null;
    return this.#client.fetchQualifiedSegments();
  }

  #clone() {
    this.#isAlone = false;
    return new OptimizelyUserContext(this.#client, this.#user, this.#forced, this.qualifiedSegments);
  }

  /** The attributes themselves, not to be changed. @param {OptimizelyUserContext} context */
  static attributesOf(context) {
    return context.#user.attributes;
  }

  /**
   * The user as the engine takes them, with what is forced and the segments.
   * @param {OptimizelyUserContext} context
   * @param {Special['forced']} forced
   * @param {Special['remembered']} remembered
   * @returns {import('./engine/index.js').User}
   */
  static userOf(context, forced, remembered) {
    const user = context.#user;
    const decisions = context.#forced;
    const segments = context.qualifiedSegments;
    if (decisions.size === 0 && !segments && !forced && !remembered) return user;
    return toUser(user.id, user.attributes, true, { whose: user, segments, decisions, forced, remembered });
  }
}
