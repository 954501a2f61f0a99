import { LateSource } from '../config/late_source.js';
import { makeConfigManager } from '../config/manager.js';
import { relayAddress } from './address.js';
import { relayCode } from './late.js';

/**
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
  const source = new LateSource(relayCode, ({ RelaySource }) => new RelaySource(options));
  return makeConfigManager({ source, byRevision: false });
}
