/** What becomes of a page's events, told to the other pages of this browser: the console lists it. */

/**
 * A step of an event, its payload as it was sent, how a page's queue stands, or that the page is gone.
 * @typedef {object} News
 * @property {string} page whose event it is, in a word
 * @property {string} tab that page itself: two may be open that are called the same. It holds the lock of this name until it is gone,
 *     which one that hangs or crashes is without a word
 * @property {{uuid: string, kind: string, status: import('./event-log.js').Status, error?: string}} [event]
 * @property {{uuid: string, payload: object}[]} [sent]
 * @property {{waiting: number, dropped: number, retryAt?: number} | null} [queue] null when the page is gone
 */

const CHANNEL = 'sortition.events';

export class EventWire {
  #page;
  #tab = `${CHANNEL}.${Math.random()}`;
  #onNews;
  /** @type {((value?: unknown) => void) | undefined} */
  #leave;
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
    this.#stay();
    globalThis.addEventListener?.('pageshow', ({ persisted }) => persisted && this.#stay());
    globalThis.addEventListener?.('pagehide', () => {
      this.#tell({ queue: null }); // what waits is no page's then
      this.#leave?.();
    });
  }

  /** Holds the tab's lock for as long as the page is shown: a browser keeps no page for its back button that holds one, or denies them with all storage. */
  #stay() {
    globalThis.navigator?.locks?.request(this.#tab, () => new Promise((leave) => { this.#leave = leave; })).catch(() => {});
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
      const { visitors } = JSON.parse(String(init?.body));
      const left = this.#leftAmong(visitors);
      if (left.length === 0) return by(url, init);
      try {
        const response = await by(url, init);
        const had = response.headers.get('x-duplicates')?.split(',').map(Number) ?? [];
        const refusal = await refusalIn(response, visitors.length === 1);
        for (const { at, ...event } of left) this.#tell({ event: { ...event, status: had.includes(at) ? 'duplicate' : 'safe', ...refusal } });
        return response;
      } catch (error) {
        for (const { at, ...event } of left) this.#tell({ event: { ...event, status: 'queued', error: 'The relay cannot be reached.' } });
        throw error;
      }
    };
  }

  /** @param {any[]} visitors of a batch @returns {{uuid: string, kind: string, at: number}[]} those of other pages' events, and where */
  #leftAmong(visitors) {
    return visitors.map((visitor, at) => ({ uuid: visitor.snapshots[0].events[0].uuid, kind: kindOf(visitor), at }))
      .filter(({ uuid }) => !this.#own.has(uuid));
  }

  /** For LOG_EVENT. @param {{params: any}} logEvent a batch */
  sent({ params: { visitors, ...envelope } }) {
    this.#tell({ sent: visitors.map((/** @type {any} */ visitor) => ({ uuid: visitor.snapshots[0].events[0].uuid, payload: { ...envelope, visitors: [visitor] } })) });
  }

  /** @param {Omit<News, 'page' | 'tab'>} news */
  #tell(news) {
    const told = { page: this.#page, tab: this.#tab, ...news };
    this.#channel?.postMessage(told);
    this.#onNews(told);
  }
}

/**
 * What an answer that keeps nothing means for the events of a batch, as the SDK reads it (sdk/relay/delivery.js).
 * @param {Response} response
 * @param {boolean} isAlone whether the batch is one event: each of several is tried by itself before it is refused for good
 * @returns {Promise<{status?: 'queued' | 'refused', error?: string}>}
 */
async function refusalIn(response, isAlone) {
  const { status } = response;
  if (status === 204) return {};
  const said = (await response.clone().json().catch(() => null))?.error;
  const isForGood = isAlone && (status === 413 || (status === 400 && said !== undefined));
  return { status: isForGood ? 'refused' : 'queued', error: said ?? `The relay answered with status ${status}.` };
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
