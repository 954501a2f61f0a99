/**
 * @typedef {import('./processor.js').LogEvent} LogEvent
 *
 * Sends requests that carry events: an application may bring its own.
 * @typedef {object} EventDispatcher
 * @property {(logEvent: LogEvent) => Promise<{statusCode?: number}>} dispatchEvent no status code counts as success, as does 200 to 399
 */

const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Sends by POST, as JSON.
 * @param {import('../lib/requests.js').Fetch} [by] what requests go by; default: the host's own
 * @returns {EventDispatcher}
 */
export function dispatcherBy(by = (...request) => fetch(...request)) {
  return {
    async dispatchEvent({ url, httpVerb: method, params }) {
      if (method !== 'POST') throw new Error('Only POST requests are supported');
      const headers = { 'content-type': 'application/json' };
      const response = await by(url, { method, headers, body: JSON.stringify(params), signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      await response.text(); // which frees the connection
      return { statusCode: response.status };
    },
  };
}

/** By the host's own requests. */
export const eventDispatcher = /* @__PURE__ */ dispatcherBy();

/** Hands a request to the browser, which sends it even when the page is gone. @type {EventDispatcher} */
const sendBeaconEventDispatcher = {
  async dispatchEvent(logEvent) {
    const body = new Blob([JSON.stringify(logEvent.params)], { type: 'application/json' });
    if (!navigator.sendBeacon(logEvent.url, body)) throw new Error('sendBeacon failed');
    return {};
  },
};

/** @returns {EventDispatcher | undefined} undefined where there are no beacons, as in Node */
export function getSendBeaconEventDispatcher() {
  return typeof globalThis.navigator?.sendBeacon === 'function' ? sendBeaconEventDispatcher : undefined;
}

/**
 * @param {any} dispatcher
 * @returns {EventDispatcher}
 * @throws {Error} when it is none
 */
export function checkDispatcher(dispatcher) {
  if (typeof dispatcher?.dispatchEvent !== 'function') throw new Error('Invalid event dispatcher');
  return dispatcher;
}

/**
 * @param {EventDispatcher} dispatcher
 * @param {LogEvent} logEvent
 * @returns {Promise<unknown>} what went wrong, undefined if nothing did
 */
export async function attempt(dispatcher, logEvent) {
  try {
    const { statusCode } = await dispatcher.dispatchEvent(logEvent);
    const failed = statusCode && (statusCode < 200 || statusCode >= 400);
    return failed ? new Error(`Failed to dispatch events, status: ${statusCode}`) : undefined;
  } catch (error) {
    return error ?? new Error('Failed to dispatch events');
  }
}
