/**
 * Websocket protocol 1, spoken between a page and its relay on /v1/stream. The page's first frame is a hello; the relay
 * answers with the newest datafile, or with a note that the page already has it, and from then on pushes what is newer.
 * Only the newest datafile matters: a page that was away says which hash it has, and gets the difference from that (a delta)
 * where the relay still knows it, else the whole. A page that cannot use a delta asks for the whole. Two datafiles are the
 * same when their hashes are (xxHash64 of the bytes, 16 hex digits), never because their revisions are.
 *
 * Its twin is relay/internal/hub/protocol.go: same names, same order; a test over there compares the two.
 */

/** The version a hello asks for. */
export const PROTOCOL = 1;

/**
 * What a frame is, told by its `type`. Frames of datafiles and deltas are binary: one line of JSON that ends with `\n`, then
 * the datafile's or the delta's bytes. All others are text.
 * @enum {string}
 */
export const MessageType = Object.freeze({
  /** Page: `{type, protocol, sdkKey, have, topics, notices?, changes?, token?}`; `have` is a hash or null. */
  HELLO: 'hello',
  /** Page: `{type, have}`: is this still the newest? Answered by `current`, `delta` or `datafile`. */
  CHECK: 'check',
  /** Page: `{type}`: send the whole datafile, whatever I have. */
  RESYNC: 'resync',
  /** Relay: `{type, revision, hash}`: what you have is the newest. */
  CURRENT: 'current',
  /** Relay, binary: `{type, revision, hash}\n` and the whole datafile. */
  DATAFILE: 'datafile',
  /** Relay, binary: `{type, revision, hash, from}\n` and what makes the datafile of `hash` out of the one of `from`. */
  DELTA: 'delta',
  /**
   * Relay, to pages whose hello has `notices: true`: `{type, revision, hash, url, spreadMs}`. The datafile of `hash` is to be had at
   * `url`, for ever; fetch it after a random part of `spreadMs`. A page that cannot sends a `resync`.
   */
  NOTICE: 'notice',
  /**
   * Relay, to those who follow the datafile: `{type, error}`. The project's source has something newer that is no good, or
   * cannot be read; what the page has stays in force. `error` is a sentence, or null once all is well again. A page that has asked
   * hears it before a large datafile as well, so as not to give up a line on which that takes long.
   */
  PROBLEM: 'problem',
  /** Relay: `{type, sdkKey, revision, experiments}`, at most four a second. */
  RESULTS: 'results',
  /**
   * Relay, in place of further `results`, to pages whose hello has `changes: true`: `{type, sdkKey, revision, experiments, health}`. What is
   * not as the page was sent it: experiments, whole, or by `experiment_id` those members of `x_health` that changed while nothing else did.
   */
  CHANGES: 'changes',
  /** Relay: `{type, retryAfterMs}`: it is about to stop; come back after a random part of that time. */
  DRAIN: 'drain',
});

/**
 * What a hello subscribes to with `topics`; none named means the datafile.
 * @enum {string}
 */
export const Topic = Object.freeze({
  DATAFILE: 'datafile',
  RESULTS: 'results',
});

/**
 * Why the relay closed a socket. 4429 and 4503 carry `{"retryAfterMs":N}` as their reason.
 * @enum {number}
 */
export const CloseCode = Object.freeze({
  /** A frame that is not of the protocol. */
  BAD_FRAME: 4400,
  /** No such sdkKey, or a token that does not open it. */
  UNKNOWN_KEY: 4404,
  /** No hello in time. */
  NO_HELLO: 4408,
  /** The relay holds as many connections as it may. */
  TOO_MANY: 4429,
  /** The relay is stopping. */
  DRAINING: 4503,
  /** A write did not finish in time. Often undeliverable: the page then sees 1006. */
  TOO_SLOW: 4508,
});

/**
 * Bounds both sides keep to.
 * @enum {number}
 */
export const Limit = Object.freeze({
  /** A hello must arrive this soon after the handshake. */
  HELLO_MS: 5000,
  /** A page that asked with `check` reconnects when nothing came back for this long. */
  ANSWER_MS: 5000,
  /** The largest frame a page may send, inflated; a larger one closes with 1009. */
  PAGE_FRAME_BYTES: 65536,
});

/** The largest body of POST /v1/events; a larger one is answered 413. Its twin is in relay/internal/server/events.go. */
export const EVENTS_BYTES = 1048576;

/**
 * Says whether a page may connect again after a close. A bad frame or an unknown key stays so until someone mends the
 * page or the relay's settings; everything else, network failures included, passes.
 * @param {number} code the close code a page saw
 * @returns {boolean}
 */
export function mayReconnect(code) {
  return code !== CloseCode.BAD_FRAME && code !== CloseCode.UNKNOWN_KEY;
}
