/**
 * Events as the engine writes them: the JSON of one visitor, and the envelope it travels in. They are kept as the engine left them;
 * the text, and the objects that listeners and dispatchers of an application may want to see, are made when they are looked at.
 */

const decoder = new TextDecoder();

/** Bytes of a page; an event that would end beyond begins another one. */
const PAGE_SIZE = 64 << 10;

/**
 * Where events' JSON lies, one behind the other: in the engine's memory while the page is being filled, then in one copy for all. A
 * copy for each costs more than writing the event.
 */
export class EventPage {
  #memory;
  #address = 0;
  #used = 0;
  /** @type {Uint8Array | undefined} */
  #copy;

  /** @param {WebAssembly.Memory} memory */
  constructor(memory) {
    this.#memory = memory;
  }

  /** Where the next event goes. */
  get used() {
    return this.#used;
  }

  get isFull() {
    return this.#used >= PAGE_SIZE;
  }

  /** Takes in an event that the engine has written. @param {number} address where the page lies now @param {number} length */
  add(address, length) {
    this.#address = address;
    this.#used += length;
  }

  /** Takes the page out of the engine's memory, which is written anew from here on. */
  close() {
    this.#copy = this.#bytes().slice();
  }

  /** @param {number} start @param {number} end */
  text(start, end) {
    return decoder.decode((this.#copy ?? this.#bytes()).subarray(start, end));
  }

  #bytes() {
    return new Uint8Array(this.#memory.buffer, this.#address, this.#used);
  }
}

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

/** One that the engine has just written. */
export class WrittenEvent extends BaseEvent {
  #uuid;
  #page;
  #start;
  #end;

  /**
   * @param {number} timestamp
   * @param {string} url
   * @param {string} envelope
   * @param {import('./uuid.js').UUID} uuid
   * @param {EventPage} page
   * @param {number} start of its JSON in the page
   * @param {number} end
   */
  constructor(timestamp, url, envelope, uuid, page, start, end) {
    super(timestamp, url, envelope);
    this.#uuid = uuid;
    this.#page = page;
    this.#start = start;
    this.#end = end;
  }

  get uuid() {
    return this.#uuid.toString();
  }

  get visitor() {
    return this.#page.text(this.#start, this.#end);
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
}

/** @typedef {WrittenEvent | KeptEvent} UserEvent */

/** A request with events of one context, as dispatchers and listeners get it. */
class LogEvent {
  #events;
  /** @type {Record<string, any> | undefined} */
  #params;
  url;
  /** @type {'POST'} */
  httpVerb = 'POST';

  /** @param {UserEvent[]} events */
  constructor(events) {
    this.#events = events;
    this.url = events[0].url;
    Object.defineProperty(this, 'params', LogEvent.#own);
  }

  /** The batch as JSON, for dispatchers that only send it on. */
  get body() {
    const events = this.#events;
    return `${events[0].envelope}${events.length === 1 ? events[0].visitor : events.map(({ visitor }) => visitor).join(',')}]}`;
  }

  /** The batch is a member of the object itself, as officially, though nothing is parsed before somebody reads it. */
  static #own = {
    enumerable: true,
    configurable: true,
    /** @this {LogEvent} */
    get() {
      return (this.#params ??= JSON.parse(this.body));
    },
    /** @this {LogEvent} @param {Record<string, any>} params */
    set(params) {
      this.#params = params;
    },
  };
}

/**
 * Puts events of one context into one request.
 * @param {UserEvent[]} events at least one
 * @returns {{url: string, httpVerb: 'POST', params: Record<string, any>, body: string}} body is not enumerable
 */
export function toLogEvent(events) {
  return /** @type {any} */ (new LogEvent(events));
}
