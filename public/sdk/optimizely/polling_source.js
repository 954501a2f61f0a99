import { INVALID_DATAFILE } from '../config/manager.js';
import { Backoff, plusUpTo } from '../lib/backoff.js';
import { format, messageOf } from '../lib/message.js';
import { Requests } from '../lib/requests.js';

/**
 * @typedef {import('../config/manager.js').Sink} Sink
 * @typedef {import('../config/polling.js').PollingOptions} PollingOptions
 */

const URL_TEMPLATE = 'https://cdn.optimizely.com/datafiles/%s.json';
const AUTHENTICATED_URL_TEMPLATE = 'https://config.optimizely.com/datafiles/auth/%s.json';
const UPDATE_INTERVAL_MS = 5 * 60_000;
/** Below this the log warns. */
const SHORT_INTERVAL_MS = 30_000;
const REQUEST_TIMEOUT_MS = 60_000;
const DISPOSABLE_RETRIES = 5;

/** Asks a URL for the datafile again and again, sparing what has not changed. */
export class PollingSource {
  #options;
  #url;
  #interval;
  #autoUpdate;
  #backoff;
  #cacheKey;
  #lastModified = '';
  /** The last good one that was fetched. @type {string | undefined} */
  #last;
  #hasFetched = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #requests;
  #retries = Infinity;
  /** @type {Sink | undefined} */
  #sink;

  /** @param {PollingOptions} options @param {ConstructorParameters<typeof Requests>[1]} [by] */
  constructor(options, by) {
    this.#requests = new Requests(REQUEST_TIMEOUT_MS, by);
    const { sdkKey, urlTemplate, datafileAccessToken, updateInterval, autoUpdate } = options;
    this.#options = options;
    const template = urlTemplate || (datafileAccessToken ? AUTHENTICATED_URL_TEMPLATE : URL_TEMPLATE);
    this.#url = format(template, [sdkKey]);
    this.#interval = updateInterval ?? UPDATE_INTERVAL_MS;
    this.#autoUpdate = autoUpdate ?? globalThis.document === undefined;
    this.#backoff = new Backoff({ first: 1000, max: Math.max(this.#interval, 1000), spread: plusUpTo(500) });
    this.#cacheKey = `optimizely-datafile-${sdkKey}`;
  }

  /** @param {Sink} sink */
  start(sink) {
    sink = { ...sink, logger: sink.logger.child('PollingDatafileManager') };
    this.#sink = sink;
    if (this.#interval < SHORT_INTERVAL_MS) sink.logger.warn('Polling intervals below 30 seconds are not recommended.');
    if (sink.disposable) {
      this.#retries = DISPOSABLE_RETRIES;
      this.#autoUpdate = false;
    }
    this.#restore(sink);
    this.#poll(sink);
  }

  stop() {
    this.#sink = undefined;
    clearTimeout(this.#timer);
    this.#requests.abort();
  }

  /** @param {Sink} sink */
  async #poll(sink) {
    try {
      const datafile = await this.#fetch(sink);
      this.#backoff.reset();
      if (datafile === '' || (await this.#take(sink, datafile))) this.#schedule(sink, this.#interval);
    } catch (error) {
      if (this.#sink !== sink) return;
      // Node says why only in the cause, which a browser does not have.
      sink.logger.error('%s: %s', this.#url, /** @type {any} */ (error)?.cause?.code ?? messageOf(error));
      this.#retry(sink);
    }
  }

  /** @param {Sink} sink */
  #retry(sink) {
    if (!this.#hasFetched && this.#retries-- <= 0) {
      sink.fail('DatafileManager failed to start, reason: Failed to fetch datafile');
      return;
    }
    this.#schedule(sink, this.#backoff.next());
  }

  /** @param {Sink} sink @param {number} wait */
  #schedule(sink, wait) {
    if (this.#sink !== sink) return;
    this.#timer = setTimeout(() => this.#poll(sink), wait);
  }

  /**
   * @param {Sink} sink
   * @returns {Promise<string>} empty when nothing has changed
   * @throws {Error} when there is no good answer
   */
  async #fetch({ logger }) {
    logger.debug('Making datafile request to url %s', this.#url);
    const { status, headers, text } = await this.#requests.send(this.#url, { headers: this.#headers() });
    if (status < 200 || status >= 400) throw new Error(`Datafile fetch request failed with status: ${status}`);
    logger.debug('Response status code: %s', status);
    this.#lastModified = headers.get('last-modified') ?? this.#lastModified;
    return text;
  }

  #headers() {
    const { customHeaders, datafileAccessToken } = this.#options;
    const headers = new Headers(customHeaders ?? undefined);
    if (this.#lastModified) headers.set('if-modified-since', this.#lastModified);
    if (datafileAccessToken) headers.set('Authorization', `Bearer ${datafileAccessToken}`);
    return headers;
  }

  /**
   * @param {Sink} sink
   * @param {string} datafile
   * @returns {Promise<boolean>} whether to go on
   */
  async #take(sink, datafile) {
    this.#hasFetched = true;
    const error = await sink.offer(datafile);
    if (!error) {
      await this.#remember(sink, datafile);
    } else if (sink.revision() === null) {
      sink.fail(INVALID_DATAFILE, error);
      return false;
    }
    return this.#autoUpdate;
  }

  /** Uses the cached datafile while none was fetched. The application's own gives way to it, as officially. @param {Sink} sink */
  async #restore(sink) {
    try {
      const cached = await this.#options.cache?.get(this.#cacheKey);
      if (cached && this.#sink === sink && !this.#hasFetched) await sink.offer(cached);
    } catch (error) {
      sink.logger.warn('The datafile cache failed: %s', messageOf(error));
    }
  }

  /** @param {Sink} sink @param {string} datafile */
  async #remember(sink, datafile) {
    if (datafile === this.#last) return;
    this.#last = datafile;
    try {
      await this.#options.cache?.set(this.#cacheKey, datafile);
    } catch (error) {
      sink.logger.warn('The datafile cache failed: %s', messageOf(error));
    }
  }
}
