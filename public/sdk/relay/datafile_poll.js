import { Requests } from '../lib/requests.js';

/**
 * @typedef {object} PollOptions
 * @property {URL} url
 * @property {string} [token]
 * @property {(hash: string | null, datafile: string) => void} onDatafile without a hash where something between us and the relay took its ETag
 * @property {() => void} onUnchanged
 * @property {(failure: {fault: 'relay' | 'key', error: string}) => void} onFailure
 */

const INTERVAL_MS = 15_000;
/** Of a whole datafile, on a slow line too: as long as onReady waits. */
const TIMEOUT_MS = 30_000;

/** Asks the relay for the datafile again and again: for networks that let no websocket through. */
export class DatafilePoll {
  #options;
  #requests = new Requests(TIMEOUT_MS);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #etag = '';
  #started = false;
  #answered = false;

  /** @param {PollOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether it is polling and knows how things stand. */
  get hasAnswered() {
    return this.#answered;
  }

  /** Asks at once. Starting again changes nothing. */
  start() {
    if (this.#started) return;
    this.#started = true;
    this.#poll();
  }

  /** Asks at once if it is polling at all. */
  hurry() {
    if (!this.#started) return;
    this.#rest();
    this.#poll();
  }

  stop() {
    this.#started = false;
    this.#answered = false;
    this.#etag = ''; // something else may decide when it is started again
    this.#rest();
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#requests.abort();
    this.#requests = new Requests(TIMEOUT_MS);
  }

  async #poll() {
    const requests = this.#requests;
    /** @type {() => void} */
    let outcome;
    try {
      outcome = this.#judge(await requests.send(String(this.#options.url), { headers: this.#headers() }));
    } catch {
      // What a browser tells of a failed request is of no use to anyone.
      outcome = () => this.#options.onFailure({ fault: 'relay', error: `The relay at ${this.#options.url.origin} cannot be reached.` });
    }
    if (requests !== this.#requests) return; // stopped, or hurried
    this.#answered = true;
    this.#timer = setTimeout(() => this.#poll(), INTERVAL_MS);
    outcome();
  }

  #headers() {
    const { token } = this.#options;
    const headers = new Headers();
    if (this.#etag) headers.set('If-None-Match', this.#etag);
    if (token) headers.set('Authorization', `Bearer ${token}`);
    return headers;
  }

  /**
   * @param {{status: number, headers: Headers, text: string}} response
   * @returns {() => void} whom to tell
   */
  #judge({ status, headers, text }) {
    const { onDatafile, onUnchanged, onFailure } = this.#options;
    if (status === 304) return onUnchanged;
    if (status === 404 || status === 401) return () => onFailure({ fault: 'key', error: 'The relay has no project with this sdkKey, or wants another token.' });
    if (status !== 200) return () => onFailure({ fault: 'relay', error: `The relay answers ${status} for the datafile.` });
    this.#etag = headers.get('etag') ?? '';
    return () => onDatafile(hashOf(this.#etag), text);
  }
}

/** The relay's ETag is the datafile's hash, with a mark for the encoding: `"H"`, `"H-br"`, `"H-gz"`. @param {string} etag */
function hashOf(etag) {
  return /^(?:W\/)?"([0-9a-f]{16})(?:-\w+)?"$/.exec(etag)?.[1] ?? null;
}
