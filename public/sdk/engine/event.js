/** Events: what a visitor was shown or did, and the requests that carry them. */

/**
 * One visitor of a batch, as the event API wants them: an impression has a decision, a conversion none.
 * @typedef {{snapshots: Snapshot[], visitor_id: string, attributes: object[]}} Visitor
 * @typedef {{decisions?: {metadata: object}[], events: Record<string, unknown>[]}} Snapshot
 */

/** An impression or a conversion. Further members, each in its own way: `uuid`, which tells it from every other one, and `visitor`, the JSON of its visitor. */
class BaseEvent {
  /**
   * @param {number} timestamp milliseconds since 1970
   * @param {string} url where the official SDK would send it
   * @param {string} envelope JSON of a batch up to its visitors
   */
  constructor(timestamp, url, envelope) {
    this.timestamp = timestamp;
    this.url = url;
    this.envelope = envelope;
  }

  /** Equal contexts may share a batch: account, project, revision, client, privacy settings and host agree. */
  get context() {
    return `${this.url} ${this.envelope}`;
  }
}

/** One that was just made. It is an object already; its text is made for who asks. */
export class NewEvent extends BaseEvent {
  /**
   * @param {{url: string, envelope: string, batch: Record<string, unknown>}} common what all events of a project have in common
   * @param {number} timestamp
   * @param {string} uuid
   * @param {Visitor} params the visitor
   */
  constructor({ url, envelope, batch }, timestamp, uuid, params) {
    super(timestamp, url, envelope);
    this.batch = batch;
    this.uuid = uuid;
    this.params = params;
  }

  get visitor() {
    return JSON.stringify(this.params);
  }
}

/** One that was stored as text. */
export class KeptEvent extends BaseEvent {
  /** @param {{uuid: string, timestamp: number, url: string, envelope: string, visitor: string}} stored */
  constructor({ uuid, timestamp, url, envelope, visitor }) {
    super(timestamp, url, envelope);
    this.uuid = uuid;
    this.visitor = visitor;
  }

  get params() {
    return JSON.parse(this.visitor);
  }

  get batch() {
    return toBatch(this.envelope);
  }
}

/** @typedef {NewEvent | KeptEvent} UserEvent */

/** The batch that an envelope begins, without visitors. @param {string} envelope @returns {Record<string, unknown>} */
export function toBatch(envelope) {
  return JSON.parse(`${envelope}]}`);
}

/**
 * Puts events of one context into one request, as dispatchers and listeners get it.
 * @param {UserEvent[]} events at least one
 * @returns {{url: string, httpVerb: 'POST', params: Record<string, any>}}
 */
export function toLogEvent(events) {
  const [{ url, batch }] = events;
  return { url, httpVerb: 'POST', params: { ...batch, visitors: events.map(({ params }) => params) } };
}
