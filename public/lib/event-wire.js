/** What becomes of a page's events, told to the other pages of this browser: the console lists it. */

/**
 * A step of an event, its payload as it was sent, how a page's queue stands, or that the page is gone.
 * @typedef {object} News
 * @property {string} page whose event it is
 * @property {{uuid: string, kind: string, status: import('./event-log.js').Status, error?: string}} [event]
 * @property {{uuid: string, payload: object}[]} [sent]
 * @property {{waiting: number, dropped: number, retryAt?: number} | null} [queue] null when the page is gone
 */

const CHANNEL = 'sortition.events';

export class EventWire {
  #page;
  #onNews;
  #channel = openChannel();
  /** Uuids of this page's own events that are not settled yet. @type {Set<string>} */
  #own = new Set();

  /**
   * @param {string} page this one, in a word
   * @param {(news: News) => void} [onNews] told of this page's news and of other pages'
   */
  constructor(page, onNews = () => {}) {
    this.#page = page;
    this.#onNews = onNews;
    this.#channel?.addEventListener('message', ({ data }) => onNews(data));
    globalThis.addEventListener?.('pagehide', () => this.#channel?.postMessage({ page, queue: null })); // what waits is no page's then
  }

  /** For createRelayEventProcessor. @returns {{onEvent: (event: any) => void, onQueue: (queue: any) => void}} */
  get listeners() {
    const onEvent = (/** @type {NonNullable<News['event']>} */ event) => {
      if (event.status === 'queued' || event.status === 'sent') this.#own.add(event.uuid);
      else this.#own.delete(event.uuid);
      this.#tell({ event });
    };
    return { onEvent, onQueue: (queue) => this.#tell({ queue }) };
  }

  /**
   * For createRelayEventProcessor's requests. A page sends what earlier ones left too, and the SDK tells a page of its own events only:
   * what became of the others is read off the answers.
   * @param {typeof fetch} [by]
   * @returns {typeof fetch}
   */
  watched(by = (...request) => fetch(...request)) {
    return async (url, init) => {
      const left = this.#leftIn(init?.body);
      try {
        const response = await by(url, init);
        const had = response.headers.get('x-duplicates')?.split(',').map(Number) ?? [];
        const refused = response.status === 204 ? {} : { status: /** @type {const} */ ('queued'), error: `The relay answered with status ${response.status}.` };
        for (const { at, ...event } of left) this.#tell({ event: { ...event, status: had.includes(at) ? 'duplicate' : 'safe', ...refused } });
        return response;
      } catch (error) {
        for (const { at, ...event } of left) this.#tell({ event: { ...event, status: 'queued', error: 'The relay cannot be reached.' } });
        throw error;
      }
    };
  }

  /** @param {unknown} body of a request @returns {{uuid: string, kind: string, at: number}[]} what it has of other pages' events, and where */
  #leftIn(body) {
    const { visitors } = JSON.parse(String(body));
    return visitors.map((/** @type {any} */ visitor, /** @type {number} */ at) => ({ uuid: visitor.snapshots[0].events[0].uuid, kind: kindOf(visitor), at }))
      .filter((/** @type {{uuid: string}} */ { uuid }) => !this.#own.has(uuid));
  }

  /** For LOG_EVENT. @param {{params: any}} logEvent a batch */
  sent({ params: { visitors, ...envelope } }) {
    this.#tell({ sent: visitors.map((/** @type {any} */ visitor) => ({ uuid: visitor.snapshots[0].events[0].uuid, payload: { ...envelope, visitors: [visitor] } })) });
  }

  /** @param {Omit<News, 'page'>} news */
  #tell(news) {
    const told = { page: this.#page, ...news };
    this.#channel?.postMessage(told);
    this.#onNews(told);
  }
}

/** @param {any} visitor of a batch, with one event @returns {'impression' | 'conversion'} */
export function kindOf({ snapshots: [{ decisions }] }) {
  return decisions?.length ? 'impression' : 'conversion';
}

/** @returns {BroadcastChannel | undefined} undefined where the browser has none, or denies it with all storage: then a page hears its own news only */
function openChannel() {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return undefined;
  }
}
