/** What is amiss with the line to the relay, in words, and what can be done about it. */

import { sentenceOf } from './sentence.js';

/**
 * @typedef {object} Line
 * @property {'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline'} status
 * @property {string | null} [revision] of the datafile that decides
 * @property {string} [error] what is amiss
 * @property {'relay' | 'key' | 'datafile' | 'page'} [fault] with whom
 * @property {number} [retryInMs] where the line is down: until it is tried again
 */

/**
 * Whether the relay is there, and all that is missing is a datafile it could give. A relay that is asked over HTTP says so by a 503,
 * which the SDK takes for a fault of the relay. Of one that is live a datafile came, which is bad or has no engine to read it.
 * @param {Line} line
 */
export function lacksDatafile({ status, revision, error, fault, retryInMs }) {
  if (revision || !error || retryInMs !== undefined || (status !== 'connecting' && status !== 'offline')) return false;
  return fault === 'datafile' || error.startsWith('The relay answers 503 ');
}

/**
 * A line that is being mended needs no words: the chip tells. What stays amiss does, such as a newest datafile that is bad, or a first
 * one that the relay itself cannot get.
 * @param {Line} line
 * @param {string} relayUrl '' when the relay serves the page
 * @returns {string} '' when all is well
 */
export function complaintOf({ status, revision, error, fault = 'datafile' }, relayUrl) {
  if (!error || status === 'reconnecting') return '';
  const told = `${sentenceOf(error).slice(0, -1)}${adviceOn(fault, relayUrl)}.`;
  return revision ? `${told} Revision ${revision} stays in force.` : told;
}

/**
 * @param {NonNullable<Line['fault']>} fault
 * @param {string} relayUrl
 */
function adviceOn(fault, relayUrl) {
  if (fault === 'key') return relayUrl ? ': check sdkKey in config.json' : ': its --page-project may name another, or no relay serves this page, and config.json needs its relayUrl';
  if (fault === 'datafile') return '';
  return relayUrl ? ': check relayUrl in config.json, and that the relay runs and allows the origin of this page' : ': this page goes on trying';
}
