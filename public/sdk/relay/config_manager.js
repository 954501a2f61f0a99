import { ConfigManager, wrapConfigManager } from '../config/manager.js';
import { messageOf } from '../lib/message.js';
import { relayAddress } from './address.js';
import { withRelayCode } from './late.js';

/**
 * @typedef {import('../config/manager.js').Sink} Sink
 * @typedef {import('../config/manager.js').Source} Source
 *
 * @typedef {object} RelayState
 * @property {'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline'} status
 * @property {string | null} revision of the datafile that decides
 * @property {string | null} hash of the datafile that decides
 * @property {number} [retryInMs] until the next attempt to connect
 * @property {number} [roundTripMs] while live: how long the relay took last to say that what the page has is the newest
 * @property {string} [nextRevision] of the datafile that will decide on the next page, when it is another
 * @property {string} [error] what is wrong, in one sentence
 * @property {'relay' | 'key' | 'datafile'} [fault] with whom: the relay or the way to it, the sdkKey or token, the newest datafile
 *
 * @typedef {object} RelayConfigOptions
 * @property {string} [relayUrl] default: the page's own origin
 * @property {string} sdkKey
 * @property {string} [token] of a project that is not open to everyone
 * @property {'immediate' | 'next-page'} [apply] when a datafile decides that comes while another does; default immediate. With
 *   next-page only what was switched off since then is switched off at once, so that nobody sees a variation change under their eyes
 * @property {(state: RelayState) => void} [onState] told of every change
 * @property {(datafile: string) => void} [onDatafile] told of each datafile, as text, once it decides
 */

/**
 * Follows a project through a relay: each new datafile arrives as soon as the relay has it. The last one is kept for the next
 * visit, and decides until the relay answers.
 * @param {RelayConfigOptions} options
 * @returns {object} for createInstance's `projectConfigManager`
 */
export function createRelayProjectConfigManager(options) {
  if (typeof options?.sdkKey !== 'string' || options.sdkKey === '') throw new Error('Invalid sdkKey');
  if (!['immediate', 'next-page', undefined].includes(options.apply)) throw new Error('apply must be immediate or next-page');
  relayAddress(options.relayUrl, ''); // a mistake in it is told at once
  return wrapConfigManager(new ConfigManager({ source: new LateSource(options), byRevision: false }));
}

/**
 * Starts the source when its code is there.
 * @implements {Source}
 */
class LateSource {
  #options;
  /** @type {Source | undefined} */
  #source;
  #stopped = false;

  /** @param {RelayConfigOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {Sink} sink */
  start(sink) {
    withRelayCode(({ RelaySource }) => {
      if (this.#stopped) return;
      this.#source = new RelaySource(this.#options);
      this.#source.start(sink);
    }).catch((error) => sink.fail(messageOf(error), error));
  }

  stop() {
    this.#stopped = true;
    this.#source?.stop();
  }
}
