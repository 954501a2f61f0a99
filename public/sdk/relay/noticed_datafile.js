import { fullJitter } from '../lib/backoff.js';
import { Requests } from '../lib/requests.js';

/**
 * @typedef {object} NoticedOptions
 * @property {(hash: string, datafile: string) => void} onDatafile
 * @property {() => void} onFailure it could not be had there
 */

const TIMEOUT_MS = 10_000;

/** Fetches the datafile that the relay's last notice told of, after a random part of the time it asked for. */
export class NoticedDatafile {
  #options;
  #requests = new Requests(TIMEOUT_MS);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Of what is being fetched or waited for. @type {string | undefined} */
  #hash;

  /** @param {NoticedOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * A later notice takes the place of an earlier one; the same again, as an answer to a check, changes nothing.
   * @param {import('./socket.js').Message} notice
   * @param {boolean} atOnce nothing decides yet, so nobody waits
   */
  hear({ hash = '', url = '', spreadMs = 0 }, atOnce) {
    if (hash === this.#hash) return;
    this.stop();
    this.#hash = hash;
    this.#timer = setTimeout(() => this.#fetch(hash, url), atOnce ? 0 : fullJitter(Math.max(0, Number(spreadMs) || 0)));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#requests.abort();
    this.#requests = new Requests(TIMEOUT_MS);
    this.#hash = undefined;
  }

  /** @param {string} hash @param {string} url */
  async #fetch(hash, url) {
    const requests = this.#requests;
    const { status, text } = await requests.send(url).catch(() => ({ status: 0, text: '' }));
    if (requests !== this.#requests) return;
    this.#hash = undefined;
    if (status === 200) this.#options.onDatafile(hash, text);
    else this.#options.onFailure();
  }
}
