/** What becomes of a page's events, told to the other pages of this browser: the console lists it. */

/**
 * A step of an event, its payload as it was sent, or how a page's queue stands.
 * @typedef {object} News
 * @property {string} page whose event it is
 * @property {{uuid: string, kind: string, status: import('./event-log.js').Status, error?: string}} [event]
 * @property {{uuid: string, payload: object}[]} [sent]
 * @property {{waiting: number, dropped: number, retryAt?: number}} [queue]
 */

const CHANNEL = 'sortition.events';

export class EventWire {
  #page;
  #onNews;
  #channel = openChannel();

  /**
   * @param {string} page this one, in a word
   * @param {(news: News) => void} [onNews] told of this page's news and of other pages'
   */
  constructor(page, onNews = () => {}) {
    this.#page = page;
    this.#onNews = onNews;
    this.#channel?.addEventListener('message', ({ data }) => onNews(data));
  }

  /** For createRelayEventProcessor. @returns {{onEvent: (event: any) => void, onQueue: (queue: any) => void}} */
  get listeners() {
    return { onEvent: (event) => this.#tell({ event }), onQueue: (queue) => this.#tell({ queue }) };
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

/** @returns {BroadcastChannel | undefined} undefined where the browser has none, or denies it with all storage: then a page hears its own news only */
function openChannel() {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return undefined;
  }
}
