/**
 * One line to the relay that mends itself: says hello on each new websocket, waits between attempts as the close codes of
 * protocol.js ask, and doubts a line that gives no answer in time.
 */

import { Backoff, fullJitter } from '../lib/backoff.js';
import { CloseCode, Limit, MessageType, mayReconnect } from './protocol.js';

/**
 * @typedef {object} Message a text frame's object, or a binary frame's header with what follows it
 * @property {string} type
 * @property {string} [revision]
 * @property {string} [hash]
 * @property {string} [from] of a delta: the hash of the datafile it starts from
 * @property {number} [retryAfterMs]
 * @property {string} [url] of a notice
 * @property {number} [spreadMs] of a notice
 * @property {string | null} [error]
 * @property {Uint8Array} [payload]
 *
 * @typedef {object} Loss
 * @property {number} code the close code; 1006 when there was none
 * @property {number} failures attempts in a row that got no answer
 * @property {number} [retryInMs] missing when there will be no other attempt
 *
 * @typedef {object} SocketOptions
 * @property {URL} url
 * @property {() => object} hello the first frame, asked for on each connection
 * @property {(message: Message) => void} onMessage
 * @property {(loss: Loss) => void} onLoss
 */

const CONNECT_MS = 10_000;
const BACKOFF = { first: 1000, max: 30_000, spread: fullJitter };

/** WebSocket.OPEN, on hosts without a WebSocket too. */
const OPEN = 1;

const decoder = new TextDecoder();

export class RelaySocket {
  #options;
  #backoff = new Backoff(BACKOFF);
  #failures = 0;
  /** When the last question was asked, until anything is heard. @type {number | undefined} */
  #asked;
  /** @type {number | undefined} */
  #roundTripMs;
  /** @type {WebSocket | undefined} */
  #socket;
  #resting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} until the next attempt */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} until the line is given up for want of an answer */
  #answerTimer;

  /** @param {SocketOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether this host has websockets at all. */
  static get isSupported() {
    return typeof globalThis.WebSocket === 'function';
  }

  /** How long the relay took last to say that what the page has is the newest; undefined where it has not said so on this line. */
  get roundTripMs() {
    return this.#roundTripMs;
  }

  connect() {
    this.#resting = false;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    const socket = open(this.#options.url);
    if (!socket) return this.#lose(1006);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#ask(this.#options.hello());
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code, reason }) => this.#lose(code, retryAfter(reason));
    this.#socket = socket;
    this.#expectAnswer(CONNECT_MS);
  }

  /**
   * The page woke up: doubts the line, or connects at once when there is none.
   * @param {string | null} have
   */
  check(have) {
    if (this.#retryTimer !== undefined || this.#resting) this.connect();
    else this.doubt(have);
  }

  /**
   * Asks whether this is still the newest. A line that died in silence gives no answer, and is mended.
   * @param {string | null} have
   */
  doubt(have) {
    if (this.#socket?.readyState === OPEN) this.#ask({ type: MessageType.CHECK, have });
  }

  /** Asks for the whole datafile. */
  resync() {
    if (this.#socket?.readyState === OPEN) this.#ask({ type: MessageType.RESYNC });
  }

  /** Closes until the next check. A browser keeps a page for its back button only when no line is open. */
  rest() {
    const resting = this.#resting || this.#socket !== undefined || this.#retryTimer !== undefined;
    this.close();
    this.#resting = resting;
  }

  close() {
    this.#resting = false;
    this.#drop();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }

  /** @param {object} question */
  #ask(question) {
    this.#asked ??= performance.now();
    this.#socket?.send(JSON.stringify(question));
    this.#expectAnswer(Limit.ANSWER_MS);
  }

  /** @param {number} wait */
  #expectAnswer(wait) {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => this.#lose(1006), wait);
  }

  /** @param {string | ArrayBuffer} data */
  #hear(data) {
    const message = parse(data);
    if (!message) return this.#lose(1006); // not our relay, or a frame cut short: start anew
    clearTimeout(this.#answerTimer);
    if (message.type === MessageType.CURRENT && this.#asked !== undefined) this.#roundTripMs = performance.now() - this.#asked;
    this.#asked = undefined; // of two questions nobody knows which is answered, and a push is no answer
    if (message.type === MessageType.DRAIN) return this.#lose(CloseCode.DRAINING, message.retryAfterMs);
    this.#failures = 0;
    this.#backoff.reset();
    this.#options.onMessage(message);
  }

  /**
   * @param {number} code
   * @param {number} [retryAfterMs] what the relay asked for
   */
  #lose(code, retryAfterMs) {
    this.#drop();
    this.#failures++;
    const retryInMs = mayReconnect(code) ? this.#wait(code, retryAfterMs) : undefined;
    if (retryInMs !== undefined) this.#retryTimer = setTimeout(() => this.connect(), retryInMs);
    this.#options.onLoss({ code, failures: this.#failures, retryInMs });
  }

  /**
   * How long to wait before the next attempt, in whole milliseconds.
   * @param {number} code
   * @param {number} [retryAfterMs]
   */
  #wait(code, retryAfterMs) {
    const backoff = this.#backoff.next();
    if (retryAfterMs === undefined) return Math.round(backoff);
    if (code === CloseCode.DRAINING) return Math.round(fullJitter(retryAfterMs));
    return Math.round(retryAfterMs + backoff);
  }

  /** Lets go of the socket, whatever state it is in; what it still says is not heard. */
  #drop() {
    clearTimeout(this.#answerTimer);
    this.#asked = this.#roundTripMs = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** A page on https may not open a line to http: that throws. @param {URL} url */
function open(url) {
  try {
    return new WebSocket(url);
  } catch {
    return undefined;
  }
}

/**
 * @param {string | ArrayBuffer} data
 * @returns {Message | undefined} undefined when it is not of the protocol
 */
function parse(data) {
  try {
    const bytes = typeof data === 'string' ? undefined : new Uint8Array(data);
    const end = bytes?.indexOf(0x0a);
    const header = JSON.parse(typeof data === 'string' ? data : decoder.decode(bytes?.subarray(0, end)));
    if (typeof header?.type !== 'string') return undefined;
    return bytes ? { ...header, payload: bytes.subarray(/** @type {number} */ (end) + 1) } : header;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} reason of a close
 * @returns {number | undefined} milliseconds, when the relay asked for a pause
 */
function retryAfter(reason) {
  try {
    const { retryAfterMs } = JSON.parse(reason);
    return Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : undefined;
  } catch {
    return undefined;
  }
}
