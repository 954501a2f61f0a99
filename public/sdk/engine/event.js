/**
 * Events as the engine writes them: the JSON of one visitor, and the envelope it travels in. They are kept as bytes and text; the
 * objects that listeners and dispatchers of an application may want to see are made when they are looked at.
 */

const decoder = new TextDecoder();

/** An impression or a conversion. */
export class UserEvent {
  #visitor;
  #envelope;

  /**
   * @param {string} uuid tells the event from every other one, however often it is sent
   * @param {number} timestamp milliseconds since 1970
   * @param {string} url where the official SDK would send it
   * @param {string} envelope JSON of a batch up to its visitors
   * @param {Uint8Array} visitor JSON of the visitor object
   */
  constructor(uuid, timestamp, url, envelope, visitor) {
    this.uuid = uuid;
    this.timestamp = timestamp;
    this.url = url;
    this.#envelope = envelope;
    this.#visitor = visitor;
  }

  /** Equal contexts may share a batch: account, project, revision, client, privacy settings and host agree. */
  get context() {
    return `${this.url} ${this.#envelope}`;
  }

  /** JSON of a batch up to its visitors. */
  get envelope() {
    return this.#envelope;
  }

  /** JSON of the visitor object. */
  get visitor() {
    return decoder.decode(this.#visitor);
  }
}

/**
 * @typedef {object} LogEvent
 * @property {string} url
 * @property {'POST'} httpVerb
 * @property {Record<string, any>} params the batch
 */

/**
 * Puts events of one context into one request. `params` is parsed when it is first read; `body`, which is not enumerable, is
 * its JSON for dispatchers that only send it on.
 * @param {UserEvent[]} events at least one
 * @returns {LogEvent & {body: string}}
 */
export function toLogEvent(events) {
  const body = `${events[0].envelope}${events.map((event) => event.visitor).join(',')}]}`;
  /** @type {Record<string, any> | undefined} */
  let params;
  const logEvent = {
    url: events[0].url,
    httpVerb: /** @type {const} */ ('POST'),
    get params() {
      return (params ??= JSON.parse(body));
    },
  };
  return /** @type {LogEvent & {body: string}} */ (Object.defineProperty(logEvent, 'body', { value: body }));
}
