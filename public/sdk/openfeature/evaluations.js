import { OptimizelyDecideOption } from '../decide_options.js';
import { NOTIFICATION_TYPES } from '../notification_center.js';

/**
 * @typedef {import('../client.js').Client} Client
 * @typedef {Record<string, unknown> & {targetingKey?: string}} EvaluationContext
 *
 * @typedef {object} Evaluation a decision as OpenFeature has it
 * @property {string | null} variationKey null: in no variation
 * @property {boolean} enabled
 * @property {Record<string, any>} variables
 * @property {'SPLIT' | 'TARGETING_MATCH' | 'DISABLED' | 'DEFAULT'} reason
 * @property {Record<string, string | number>} flagMetadata
 */

/** So many contexts are remembered: a page has one for each domain. */
const MAX_CONTEXTS = 50;

/**
 * Decides flags for contexts. A flag is decided once for each context until the datafile changes, however often the page asks: so
 * rendering costs nothing, and one impression tells of it.
 */
export class Evaluations {
  #client;
  /** @type {Map<string, import('./flags.js').Flag>} */
  #flags = new Map();
  #revision = '';
  /** By context, as JSON. @type {Map<string, {user: import('../user_context.js').OptimizelyUserContext, made: Map<string, Evaluation>}>} */
  #visitors = new Map();
  /** What the last decision's notification said. @type {{experimentId?: string | null, variationId?: string | null}} */
  #ids = {};

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    client.notificationCenter.addNotificationListener(NOTIFICATION_TYPES.DECISION, (/** @type {any} */ { decisionInfo }) => {
      this.#ids = decisionInfo;
    });
  }

  /**
   * Takes over a datafile: what was decided may be otherwise now.
   * @param {Map<string, import('./flags.js').Flag>} flags
   * @param {string} revision
   */
  use(flags, revision) {
    this.#flags = flags;
    this.#revision = revision;
    this.#visitors.clear();
  }

  /**
   * @param {string} key of a flag, or of an experiment that belongs to none
   * @param {EvaluationContext} context with a targetingKey
   * @returns {Evaluation}
   * @throws {Error} when a context cannot be written as JSON
   */
  evaluate(key, context) {
    const { user, made } = this.#visitor(context);
    let evaluation = made.get(key);
    if (!evaluation) made.set(key, (evaluation = this.#decide(key, user)));
    return evaluation;
  }

  /** @param {EvaluationContext} context */
  #visitor(context) {
    const key = JSON.stringify(context);
    let visitor = this.#visitors.get(key);
    if (visitor) return visitor;
    if (this.#visitors.size >= MAX_CONTEXTS) this.#visitors.clear();
    visitor = { user: toUser(this.#client, context), made: new Map() };
    this.#visitors.set(key, visitor);
    return visitor;
  }

  /**
   * @param {string} key
   * @param {import('../user_context.js').OptimizelyUserContext} user
   * @returns {Evaluation}
   */
  #decide(key, user) {
    const { experiment, deliveries } = /** @type {import('./flags.js').Flag} */ (this.#flags.get(key));
    return experiment ? this.#decideExperiment(key, experiment, user) : this.#decideFlag(key, deliveries, user);
  }

  /**
   * @param {string} key
   * @param {string[]} deliveries
   * @param {import('../user_context.js').OptimizelyUserContext} user
   * @returns {Evaluation}
   */
  #decideFlag(key, deliveries, user) {
    const { variationKey, enabled, variables, ruleKey, reasons } = user.decide(key, [OptimizelyDecideOption.INCLUDE_REASONS]);
    const { experimentId, variationId } = this.#ids;
    const bucket = reasons.findLast((line) => line.startsWith('Assigned bucket '))?.split(' ')[2];
    const flagMetadata = known({ ruleKey, experimentId, variationId, bucket: bucket && Number(bucket), revision: this.#revision });
    return { variationKey, enabled, variables, reason: reasonOf(ruleKey, deliveries, enabled), flagMetadata };
  }

  /**
   * @param {string} key
   * @param {NonNullable<import('./flags.js').Flag['experiment']>} experiment
   * @param {import('../user_context.js').OptimizelyUserContext} user
   * @returns {Evaluation}
   */
  #decideExperiment(key, { id, variationIds }, user) {
    const variationKey = this.#client.activate(key, user.getUserId(), user.getAttributes());
    const enabled = variationKey !== null;
    const found = enabled ? { ruleKey: key, experimentId: id, variationId: variationIds.get(variationKey) } : {};
    return { variationKey, enabled, variables: {}, reason: enabled ? 'SPLIT' : 'DEFAULT', flagMetadata: known({ ...found, revision: this.#revision }) };
  }
}

/** What is known of a decision; OpenFeature's metadata has no room for null. @param {Record<string, any>} facts */
function known(facts) {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== undefined));
}

/** As the relay's OFREP has it. @param {string | null} ruleKey @param {string[]} deliveries @param {boolean} enabled @returns {Evaluation['reason']} */
function reasonOf(ruleKey, deliveries, enabled) {
  if (ruleKey !== null && !deliveries.includes(ruleKey)) return 'SPLIT'; // an experiment or a holdout
  if (!enabled) return 'DISABLED';
  return ruleKey === deliveries.at(-1) ? 'DEFAULT' : 'TARGETING_MATCH';
}

/**
 * The user that a context is about. Dates become text, null where they are none; lists and objects, which no condition can ask for, are left out.
 * @param {Client} client
 * @param {EvaluationContext} context
 */
export function toUser(client, { targetingKey, ...rest }) {
  const attributes = Object.entries(rest).map(([key, value]) => [key, value instanceof Date ? value.toJSON() : value]);
  return client.createUserContext(targetingKey, Object.fromEntries(attributes.filter(([, value]) => isPlain(value))));
}

/** @param {unknown} value */
function isPlain(value) {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
