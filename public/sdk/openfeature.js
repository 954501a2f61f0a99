/**
 * A provider for @openfeature/web-sdk: flags are decided in the page, at once, and follow the relay. It imports nothing of
 * OpenFeature's, so a page without a bundler may use it too. README.md tells how flags are mapped.
 */

import { Client } from './client.js';
import { besideEngine } from './beside.js';
import { Engine, EngineLoader } from './engine/index.js';
import { Expired } from './lib/deferred.js';
import { messageOf } from './lib/message.js';
import { isUserId } from './lib/validate.js';
import { NOTIFICATION_TYPES } from './notification_center.js';
import { Evaluations, toUser } from './openfeature/evaluations.js';
import { ProviderEvents } from './openfeature/events.js';
import { changedFlags, readFlags } from './openfeature/flags.js';
import { createRelayProjectConfigManager } from './relay/config_manager.js';
import { createRelayEventProcessor } from './relay/event_processor.js';

/**
 * @typedef {import('./openfeature/evaluations.js').EvaluationContext} EvaluationContext
 * @typedef {import('./relay/config_manager.js').RelayState} RelayState
 *
 * @typedef {object} Resolution
 * @property {any} value
 * @property {string} reason
 * @property {string} [variant]
 * @property {Record<string, string | number>} [flagMetadata]
 * @property {string} [errorCode]
 * @property {string} [errorMessage]
 */

const READY_TIMEOUT_MS = 10_000;
const STALE_AFTER_MS = 30_000;

export class SortitionWebProvider {
  metadata = Object.freeze({ name: 'Sortition' });
  runsOn = /** @type {const} */ ('client');
  events = new ProviderEvents();

  #options;
  /** @type {Client | undefined} */
  #client;
  /** @type {Evaluations | undefined} */
  #evaluations;
  /** Those of the datafile that decides. @type {Map<string, import('./openfeature/flags.js').Flag>} */
  #flags = new Map();
  /** Whether OpenFeature knows that there are decisions. */
  #isRunning = false;
  /** Whether OpenFeature was told that there is no datafile yet. */
  #isLate = false;
  /** @type {RelayState | undefined} */
  #state;
  /** Whether the relay has said which datafile is the newest. */
  #isConfirmed = true;
  #isStale = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;

  /** @param {Record<string, any>} options as openfeature.d.ts has them @throws {Error} for want of an sdkKey and of a config manager */
  constructor(options) {
    if (!options?.sdkKey && !options?.projectConfigManager) throw new Error('SortitionWebProvider needs an sdkKey, or a projectConfigManager');
    this.#options = options;
  }

  /**
   * Called by OpenFeature.
   * @returns {Promise<void>} rejects when there is no datafile yet, and fatally (PROVIDER_FATAL) when there will be none
   */
  async initialize() {
    const { readyTimeout = READY_TIMEOUT_MS, wasm, integrity } = this.#options;
    const engine = wasm === undefined ? besideEngine : new EngineLoader(async () => Engine.load(await wasm, integrity));
    const client = (this.#client = new Client(this.#config(), engine));
    this.#evaluations = new Evaluations(client);
    client.notificationCenter.addNotificationListener(NOTIFICATION_TYPES.OPTIMIZELY_CONFIG_UPDATE, () => this.#update(client));
    try {
      await client.onReady({ timeout: readyTimeout });
    } catch (error) {
      this.#isLate = error instanceof Expired;
      throw this.#isLate ? error : Object.assign(new Error(messageOf(error), { cause: error }), { code: 'PROVIDER_FATAL' });
    }
    if (this.#flags.size === 0) this.#update(client); // a datafile at hand decided before anyone could listen
    this.#run();
  }

  /** @returns {import('./client.js').Config} */
  #config() {
    const { sdkKey, relayUrl, token, apply, optOut, ...config } = this.#options;
    if (config.projectConfigManager) return /** @type {any} */ (config);
    this.#isConfirmed = false;
    const onState = (/** @type {RelayState} */ state) => this.#hear(state);
    return {
      eventProcessor: createRelayEventProcessor({ relayUrl, sdkKey, optOut }),
      ...config,
      projectConfigManager: createRelayProjectConfigManager({ sdkKey, relayUrl, token, apply, onState }),
    };
  }

  /** Called by OpenFeature when another provider takes over. */
  async onClose() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#isRunning = this.#isLate = this.#isStale = false;
    this.#flags = new Map();
    this.#state = undefined;
    await this.#client?.close();
  }

  /** Nothing waits for anything: the next evaluation is of the new context. */
  onContextChange() {}

  // Of a `flag.variable` each of these gives the value, if it is of the type.

  /** @param {string} key @param {boolean} fallback @param {EvaluationContext} context @returns {Resolution} whether the flag is on */
  resolveBooleanEvaluation(key, fallback, context) {
    return this.#resolve(key, fallback, context, ({ enabled }) => enabled);
  }

  /** @param {string} key @param {string} fallback @param {EvaluationContext} context @returns {Resolution} the variation's key */
  resolveStringEvaluation(key, fallback, context) {
    return this.#resolve(key, fallback, context, ({ variationKey }) => variationKey ?? fallback);
  }

  /** @param {string} key @param {number} fallback @param {EvaluationContext} context @returns {Resolution} the flag's one number */
  resolveNumberEvaluation(key, fallback, context) {
    return this.#resolve(key, fallback, context, ({ variables }) => {
      const numbers = Object.values(variables).filter((value) => typeof value === 'number');
      return numbers.length === 1 ? numbers[0] : undefined;
    });
  }

  /**
   * @template T
   * @param {string} key @param {T} fallback @param {EvaluationContext} context
   * @returns {Resolution} all variables by key
   */
  resolveObjectEvaluation(key, fallback, context) {
    return this.#resolve(key, fallback, context, ({ variables }) => variables);
  }

  /**
   * A conversion. Of the details `value` and `revenue` (in cents) count as numbers, the others are tags.
   * @param {string} eventKey
   * @param {EvaluationContext} context
   * @param {Record<string, unknown>} [details]
   */
  track(eventKey, context, details) {
    if (this.#client && isVisitor(context)) toUser(this.#client, context).trackEvent(eventKey, { ...details });
  }

  /**
   * @param {string} key of a flag, or `flag.variable`
   * @param {unknown} fallback
   * @param {EvaluationContext} context
   * @param {(evaluation: import('./openfeature/evaluations.js').Evaluation) => unknown} pick the flag's own value
   * @returns {Resolution}
   */
  #resolve(key, fallback, context, pick) {
    const fail = (/** @type {string} */ errorCode, /** @type {string} */ errorMessage) =>
      ({ value: fallback, reason: 'ERROR', errorCode, errorMessage });
    if (!this.#evaluations || !this.#isRunning) return fail('PROVIDER_NOT_READY', 'There is no datafile yet.');
    const [flag, variable] = this.#split(key);
    if (!this.#flags.has(flag)) return fail('FLAG_NOT_FOUND', `The datafile has no flag ${flag}.`);
    if (context.targetingKey === 'undefined') return fail('INVALID_CONTEXT', 'The targetingKey is the text undefined, which no visitor is called.');
    if (!isVisitor(context)) return fail('TARGETING_KEY_MISSING', 'The context needs a targetingKey: a text that is the same for a visitor each time.');
    const evaluation = this.#evaluations.evaluate(flag, context);
    const { variables } = evaluation;
    const value = variable === undefined ? pick(evaluation) : variable === '*' ? variables : valueIn(variables, variable);
    if (value === undefined && variable !== undefined) return fail('FLAG_NOT_FOUND', `The flag ${flag} has no variable ${variable}.`);
    if (value === null || typeof value !== typeof fallback) {
      const instead = variable === undefined ? ` of its own: name one of its variables, as in ${flag}.variable` : '';
      return fail('TYPE_MISMATCH', `${key} has no ${typeof fallback}${instead}.`);
    }
    return {
      value: typeof value === 'object' ? structuredClone(value) : value,
      reason: this.#isStale ? 'STALE' : this.#isConfirmed ? evaluation.reason : 'CACHED',
      variant: evaluation.variationKey ?? undefined,
      flagMetadata: evaluation.flagMetadata,
    };
  }

  /** A key that no flag has may name a flag's variable, as the relay's OFREP has it; all of them are `*`. @param {string} key @returns {[flag: string, variable?: string]} */
  #split(key) {
    const dot = key.lastIndexOf('.');
    return this.#flags.has(key) || dot < 0 ? [key] : [key.slice(0, dot), key.slice(dot + 1)];
  }

  /** Another datafile decides. @param {Client} client */
  #update(client) {
    const project = client.clientCore.config?.project;
    if (!project) return;
    const { revision } = project.facts;
    const flags = readFlags(project.datafile);
    const flagsChanged = changedFlags(this.#flags, flags);
    this.#flags = flags;
    this.#evaluations?.use(flags, revision);
    const message = `Revision ${revision} of the datafile decides.`;
    if (this.#isRunning) this.events.emit('PROVIDER_CONFIGURATION_CHANGED', { flagsChanged, message });
    if (!this.#isLate) return;
    this.#run();
    this.events.emit('PROVIDER_READY');
  }

  #run() {
    this.#isLate = false;
    this.#isRunning = true;
    this.#judgeSoon();
  }

  /** @param {RelayState} state */
  #hear(state) {
    this.#state = state;
    if (isFresh(state)) this.#isConfirmed = true;
    this.#judgeSoon();
  }

  /** Not before OpenFeature has heard that the provider is ready, which it takes for the end of being stale. */
  #judgeSoon() {
    setTimeout(() => this.#judge());
  }

  /** What is decided by a datafile that may not be the newest any more is told, once that is not a matter of moments. */
  #judge() {
    if (!this.#isRunning || !this.#state) return;
    const { error, fault } = this.#state;
    if (error && fault !== 'relay') return this.#becomeStale(error);
    if (isFresh(this.#state)) return this.#becomeFresh();
    const { staleAfter = STALE_AFTER_MS } = this.#options;
    this.#patience ??= setTimeout(() => this.#becomeStale(error ?? 'The relay cannot be reached.'), staleAfter);
  }

  /** @param {string} message */
  #becomeStale(message) {
    if (this.#isStale) return;
    this.#isStale = true;
    this.events.emit('PROVIDER_STALE', { message });
  }

  #becomeFresh() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (!this.#isStale) return;
    this.#isStale = false;
    this.events.emit('PROVIDER_READY');
  }
}

/** @param {EvaluationContext} context */
function isVisitor({ targetingKey }) {
  return isUserId(targetingKey) && targetingKey !== '';
}

/** @param {RelayState} state */
function isFresh({ status }) {
  return status === 'live' || status === 'polling';
}

/** A variable's key may be any text, such as `constructor`. @param {Record<string, any>} variables @param {string} key */
function valueIn(variables, key) {
  return Object.hasOwn(variables, key) ? variables[key] : undefined;
}
