/**
 * The relay's results as they change: pushed over its websocket, and asked for over HTTP at the start, on every doubt and
 * while no socket stands. A page cannot see pings, so an idle socket is doubted regularly.
 */

import { PROTOCOL, MessageType, Topic, mayReconnect } from '../sdk/relay/protocol.js';
import { fetchJSON } from '../lib/fetch-json.js';

/** @typedef {import('../lib/results.js').Results} Results */
/** @typedef {import('../components/connection-chip/connection-chip.js').Link} Link */

/** How often the relay is asked: seldom beside a socket, often without one. */
const ASK_MS = { live: 15_000, polling: 2_000 };
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

export class ResultsFeed {
  #url;
  #sdkKey;
  #onResults;
  #onLink;
  #socketOpen = false;
  #retryMs = FIRST_RETRY_MS;
  #asking = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{relayUrl: string, sdkKey: string}} config
   * @param {{onResults: (results: Results) => void, onLink: (link: Link, problem: string) => void}} handlers
   */
  constructor({ relayUrl, sdkKey }, { onResults, onLink }) {
    this.#url = new URL(relayUrl || '/', location.href).href.replace(/\/$/, '');
    this.#sdkKey = sdkKey;
    this.#onResults = onResults;
    this.#onLink = onLink;
  }

  /** Follows the results until the page goes. */
  start() {
    this.#connect();
    this.#ask();
    document.addEventListener('visibilitychange', () => document.hidden || this.#ask());
    addEventListener('online', () => this.#ask());
  }

  #connect() {
    const socket = new WebSocket(`${this.#url.replace(/^http/, 'ws')}/v1/stream`);
    const hello = { type: MessageType.HELLO, protocol: PROTOCOL, sdkKey: this.#sdkKey, have: null, topics: [Topic.RESULTS] };
    socket.addEventListener('open', () => {
      this.#socketOpen = true;
      socket.send(JSON.stringify(hello));
    });
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('close', ({ code }) => this.#lost(code));
  }

  /** @param {unknown} data a frame; those that are not results are nothing to this page */
  #receive(data) {
    const message = typeof data === 'string' ? JSON.parse(data) : {};
    if (message.type === MessageType.RESULTS) this.#tell(message);
  }

  /** @param {number} code why the socket closed, by the relay's table */
  #lost(code) {
    this.#socketOpen = false;
    this.#ask();
    if (!mayReconnect(code)) return;
    setTimeout(() => this.#connect(), this.#retryMs * (0.5 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  async #ask() {
    clearTimeout(this.#timer);
    const asking = ++this.#asking;
    try {
      const results = await fetchJSON(`${this.#url}/v1/results/${encodeURIComponent(this.#sdkKey)}`);
      if (asking !== this.#asking) return; // A later question has been asked: its answer is the newer one.
      this.#tell(/** @type {Results} */ (results));
    } catch (error) {
      if (asking !== this.#asking) return;
      this.#onLink({ status: 'offline' }, error instanceof Error ? error.message : String(error));
    }
    this.#timer = setTimeout(() => this.#ask(), this.#socketOpen ? ASK_MS.live : ASK_MS.polling);
  }

  /** @param {Results} results */
  #tell(results) {
    if (this.#socketOpen) this.#retryMs = FIRST_RETRY_MS;
    this.#onLink({ status: this.#socketOpen ? 'live' : 'polling', revision: results.revision }, '');
    this.#onResults(results);
  }
}
