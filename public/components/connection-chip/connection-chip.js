import { lacksDatafile } from '../../lib/complaint.js';
import { find, setText } from '../../lib/dom.js';
import { ConnectionDetails } from './connection-details.js';

/**
 * @typedef {object} Link
 * @property {'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline'} status
 * @property {string | null} [revision] of the newest datafile this page has
 * @property {string | null} [hash] of that datafile
 * @property {number} [roundTripMs] while live: how long the relay took to answer
 * @property {number} [retryInMs] while reconnecting: until the next attempt
 * @property {string} [error] one sentence on what is amiss
 * @property {'relay' | 'key' | 'datafile' | 'page'} [fault] with whom; a page that lacks something asks no relay
 */

const WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  polling: 'Polling',
  offline: 'Offline',
  waiting: 'No datafile yet',
};

/** Says in a word and an icon how fresh the page's data is, and more to whoever opens it. */
export class ConnectionChip {
  #root;
  #status;
  #revision;
  #details;
  /** @type {Link | undefined} */
  #link;
  #nextAttempt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /** @param {HTMLButtonElement} root */
  constructor(root) {
    this.#root = root;
    this.#status = find(root, '[data-field="status"]', HTMLElement);
    this.#revision = find(root, '[data-field="revision"]', HTMLElement);
    this.#details = new ConnectionDetails(root);
  }

  /** @param {Link} link */
  update(link) {
    if (link === this.#link) return; // whose countdown goes on
    this.#link = link;
    const { status, revision, retryInMs = 0 } = link;
    const shown = lacksDatafile(link) ? 'waiting' : status;
    this.#root.dataset.status = shown;
    setText(this.#status, WORDS[shown]);
    setText(this.#revision, revision ? `, revision ${revision}` : '');
    this.#details.update(link);
    this.#nextAttempt = performance.now() + (status === 'reconnecting' ? retryInMs : 0);
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#countDown(), 1000);
    this.#countDown();
  }

  /** Shows the seconds until the next attempt by the style sheet: they are for the eye, and nobody should hear each of them. */
  #countDown() {
    const seconds = Math.ceil((this.#nextAttempt - performance.now()) / 1000);
    if (seconds > 0) {
      this.#status.dataset.retry = String(seconds);
    } else {
      delete this.#status.dataset.retry;
      clearInterval(this.#ticking);
    }
  }
}
