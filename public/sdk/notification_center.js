import { messageOf } from './lib/message.js';

/** @enum {string} */
export const NOTIFICATION_TYPES = Object.freeze({
  ACTIVATE: 'ACTIVATE',
  DECISION: 'DECISION',
  LOG_EVENT: 'LOG_EVENT',
  OPTIMIZELY_CONFIG_UPDATE: 'OPTIMIZELY_CONFIG_UPDATE',
  TRACK: 'TRACK',
});

/** @enum {string} */
export const DECISION_NOTIFICATION_TYPES = Object.freeze({
  AB_TEST: 'ab-test',
  FEATURE: 'feature',
  FEATURE_TEST: 'feature-test',
  FEATURE_VARIABLE: 'feature-variable',
  ALL_FEATURE_VARIABLES: 'all-feature-variables',
  FLAG: 'flag',
});

/** @typedef {(payload: any) => void} Listener */

/** Tells listeners what a client does. A listener that throws is reported and keeps no other from hearing. */
export class NotificationCenter {
  #nextId = 1;
  #reporter;
  /** Of every id that was not removed, cleared ones included: removing these still answers true. @type {Map<number, string>} */
  #types = new Map();
  /** @type {Map<string, Map<number, Listener>>} */
  #listeners = new Map(Object.values(NOTIFICATION_TYPES).map((type) => [type, new Map()]));

  /** Whether there may be a listener: so much is looked at in every decision, before a payload is prepared in vain. */
  isHeard = false;

  /** @param {import('./lib/error_reporter.js').ErrorReporter} reporter */
  constructor(reporter) {
    this.#reporter = reporter;
  }

  /** As in client.js. */
  get __v_skip() {
    return true;
  }

  /**
   * @param {string} type one of NOTIFICATION_TYPES
   * @param {Listener} listener the same one may be added again
   * @returns {number} id to remove it by; -1 when there is no such type
   */
  addNotificationListener(type, listener) {
    const listeners = this.#listeners.get(type);
    if (!listeners) return -1;
    const id = this.#nextId++;
    listeners.set(id, listener);
    this.#types.set(id, type);
    this.isHeard = true;
    return id;
  }

  /**
   * @param {number} id
   * @returns {boolean} whether there was such a listener
   */
  removeNotificationListener(id) {
    this.#listeners.get(this.#types.get(id) ?? '')?.delete(id);
    return this.#types.delete(id);
  }

  /** @param {string} type */
  clearNotificationListeners(type) {
    this.#listeners.get(type)?.clear();
  }

  /** Those who are being notified right now still all hear, as officially. */
  clearAllNotificationListeners() {
    for (const type of this.#listeners.keys()) this.#listeners.set(type, new Map());
    this.isHeard = false;
  }

  /**
   * Notifies, when anyone listens; only then is the payload built. A listener that is added meanwhile hears too, one that is
   * removed does not, as officially.
   * @param {string} type
   * @param {() => unknown} payload
   */
  notify(type, payload) {
    const listeners = this.#listeners.get(type);
    if (!listeners?.size) return;
    const built = payload();
    for (const listener of listeners.values()) {
      try {
        listener(built);
      } catch (error) {
        this.#reporter.report('Notification listener for (%s) threw exception: %s', type, messageOf(error));
      }
    }
  }
}
