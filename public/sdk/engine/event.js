/** Events: what a visitor was shown or did, and the requests that carry them. */

/**
 * One visitor of a batch, as the event API wants them: an impression has a decision, a conversion none.
 * @typedef {{snapshots: Snapshot[], visitor_id: string, attributes: Attribute[]}} Visitor
 * @typedef {{entity_id: string, key: string, type: string, value: unknown}} Attribute
 * @typedef {{decisions?: Record<string, unknown>[], events: ({timestamp: number} & Record<string, unknown>)[]}} Snapshot
 */

/** Where events come from: what all those of a project have in common. */
export class Origin {
  /** @type {Record<string, unknown> | undefined} */
  #batch;

  /**
   * @param {string} url where the official SDK would send them
   * @param {string} envelope JSON of a batch up to its visitors
   */
  constructor(url, envelope) {
    this.url = url;
    this.envelope = envelope;
    /** Equal ones may share a batch: account, project, revision, client, privacy settings and host agree. */
    this.context = `${url} ${envelope}`;
  }

  /** A batch without visitors. */
  get batch() {
    return (this.#batch ??= JSON.parse(`${this.envelope}]}`));
  }
}

/** An impression or a conversion that was just made, of objects; its text is made for whoever asks. */
export class NewEvent {
  /** @param {Origin} origin @param {string} uuid tells it from every other one @param {Visitor} params */
  constructor(origin, uuid, params) {
    this.origin = origin;
    this.uuid = uuid;
    this.params = params;
  }

  /** Milliseconds since 1970. */
  get timestamp() {
    return this.params.snapshots[0].events[0].timestamp;
  }

  /** The JSON of params. */
  get visitor() {
    return JSON.stringify(this.params);
  }
}

/** One that was stored as text. */
export class KeptEvent {
  /** @param {{uuid: string, timestamp: number, url: string, envelope: string, visitor: string}} stored */
  constructor({ uuid, timestamp, url, envelope, visitor }) {
    this.origin = new Origin(url, envelope);
    this.uuid = uuid;
    this.timestamp = timestamp;
    this.visitor = visitor;
  }

  /** @returns {Visitor} */
  get params() {
    return JSON.parse(this.visitor);
  }
}

/** @typedef {NewEvent | KeptEvent} UserEvent */

/**
 * Puts events of one context into one request, as dispatchers and listeners get it.
 * @param {UserEvent[]} events at least one
 * @returns {{url: string, httpVerb: 'POST', params: Record<string, any>}}
 */
export function toLogEvent(events) {
  const { url, batch } = events[0].origin;
  return { url, httpVerb: 'POST', params: { ...batch, visitors: events.map(({ params }) => params) } };
}

/** The request that would carry an event alone, for a listener to do with as it likes. @param {UserEvent} event */
export function toOwnLogEvent(event) {
  return copyOf(toLogEvent([event]));
}

/** A copy of what JSON has, made far sooner than structuredClone makes one. @param {any} value @returns {any} */
function copyOf(value) {
  const copy = Array.isArray(value) ? value.slice() : { ...value };
  for (const key in copy) if (typeof copy[key] === 'object' && copy[key]) copy[key] = copyOf(copy[key]);
  return copy;
}
