/**
 * The relay's results as they change: pushed over its websocket, asked for over HTTP while none stands. A page cannot see
 * pings, so a quiet line is doubted now and then, and whenever the page wakes up.
 */

import { relayAddress, streamAddress } from '../sdk/relay/address.js';
import { PROTOCOL, MessageType, Topic } from '../sdk/relay/protocol.js';
import { RelaySocket } from '../sdk/relay/socket.js';
import { complaintOf } from '../lib/complaint.js';
import { failureOf, fetchJSON } from '../lib/fetch-json.js';
import { withChanges } from '../lib/results.js';
import { sentenceOf } from '../lib/sentence.js';

/** @typedef {import('../lib/results.js').Results} Results */
/** @typedef {import('../components/connection-chip/connection-chip.js').Link} Link */

const DOUBT_MS = 30_000;
const POLL_MS = 2_000;
/** A socket is given this long before the first question over HTTP. */
const HEAD_START_MS = 1_500;

export class ResultsFeed {
  #relayUrl;
  #url;
  #socket;
  #token;
  #sdkKey;
  #onResults;
  #onLink;
  #onLocked;
  #live = false;
  /** @type {string | null} the hash of the newest datafile the relay told of, so that it need not send it again */
  #have = null;
  /** @type {Results | undefined} what was pushed last, with what has changed since */
  #pushed;
  #polling = false;

  /**
   * @param {{relayUrl: string, sdkKey: string, token?: string}} config
   * @param {{onResults: (results: Results) => void, onLink: (link: Link, problem: string) => void, onLocked?: () => void}} handlers
   *   onLocked: it wants another token, and goes on only with a new feed
   */
  constructor({ relayUrl, sdkKey, token }, { onResults, onLink, onLocked = () => {} }) {
    this.#relayUrl = relayUrl;
    this.#url = String(relayAddress(relayUrl, `v1/results/${encodeURIComponent(sdkKey)}?timeseries=false`));
    this.#onResults = onResults;
    this.#onLink = onLink;
    this.#onLocked = onLocked;
    this.#token = token;
    this.#sdkKey = sdkKey;
    this.#socket = new RelaySocket({
      url: streamAddress(relayUrl),
      hello: () => ({
        type: MessageType.HELLO, protocol: PROTOCOL, sdkKey, have: null, topics: [Topic.RESULTS], changes: true, ...(token ? { token } : {}),
      }),
      onMessage: (message) => this.#receive(message),
      onLoss: () => this.#lose(),
    });
  }

  /** Follows the results until the page goes. */
  start() {
    this.#socket.connect();
    setTimeout(() => this.#poll(), HEAD_START_MS);
    setInterval(() => this.#socket.doubt(this.#have), DOUBT_MS);
    document.addEventListener('visibilitychange', () => document.hidden || this.#wake());
    for (const wake of ['online', 'pageshow']) addEventListener(wake, () => this.#wake());
    addEventListener('pagehide', () => this.#socket.rest());
  }

  #wake() {
    this.#socket.check(this.#have);
  }

  /** @param {import('../sdk/relay/socket.js').Message} message */
  #receive(message) {
    this.#have = message.hash ?? this.#have;
    const pushed = this.#resultsAfter(message);
    if (!pushed) return;
    this.#pushed = pushed;
    this.#live = true;
    this.#tell('live', pushed);
  }

  /** @param {any} message @returns {Results | undefined} undefined where it tells of none */
  #resultsAfter(message) {
    if (message.type === MessageType.RESULTS) return message;
    return message.type === MessageType.CHANGES && this.#pushed ? withChanges(this.#pushed, message) : undefined;
  }

  #lose() {
    if (this.#live) this.#onLink({ status: 'reconnecting' }, '');
    this.#live = false;
    this.#poll();
  }

  /** Asks again and again until a socket stands. */
  async #poll() {
    if (this.#polling) return;
    this.#polling = true;
    while (!this.#live) {
      if (await this.#ask()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.#polling = false;
  }

  /** @returns {Promise<boolean>} whether asking again is of no use */
  async #ask() {
    try {
      const results = /** @type {Results} */ (await fetchJSON(this.#url, this.#token));
      if (!this.#live) this.#tell('polling', results);
    } catch (error) {
      const { status, said } = failureOf(error);
      const locked = status === 401;
      if (locked) this.#onLocked();
      else if (!this.#live && status === 503 && said) this.#lack(said);
      else if (!this.#live) this.#onLink({ status: 'offline', fault: status === 404 ? 'key' : 'relay' }, this.#problemOf(error));
      return locked;
    }
    return false;
  }

  /** The relay is there, and says itself why it has none to give yet. @param {string} said */
  #lack(said) {
    const error = sentenceOf(said);
    this.#onLink({ status: 'connecting', error, fault: said.includes('no datafile') ? 'datafile' : 'relay' }, error);
  }

  /** @param {unknown} error */
  #problemOf(error) {
    const { status, said } = failureOf(error);
    if (status === 404 && said) return `The relay has no project ${this.#sdkKey}.`;
    if (status === 404) return `There is no relay at ${relayAddress(this.#relayUrl, '')}: config.json needs its relayUrl.`;
    const told = status === 0 ? `The relay at ${new URL(this.#url).origin} cannot be reached.` : sentenceOf(error);
    return complaintOf({ status: 'offline', error: told, fault: 'relay' }, this.#relayUrl);
  }

  /**
   * @param {'live' | 'polling'} status
   * @param {Results} results
   */
  #tell(status, results) {
    this.#onLink({ status, revision: results.revision, roundTripMs: status === 'live' ? this.#socket.roundTripMs : undefined }, '');
    this.#onResults(results);
  }
}
