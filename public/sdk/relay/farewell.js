/** What is left with the browser, which sends it even when the page is gone. */

import { toLogEvent } from '../engine/index.js';

/**
 * @param {import('../engine/index.js').UserEvent[]} events of one context
 * @param {string} url the relay's
 */
export function toRequest(events, url) {
  return { ...toLogEvent(events), url };
}

/**
 * Leaves a request with the browser, within this call. No answer will come.
 * @param {ReturnType<typeof toRequest>} request
 * @returns {boolean} whether the browser took it
 */
export function bequeath({ url, params }) {
  return typeof globalThis.navigator?.sendBeacon === 'function' && navigator.sendBeacon(url, JSON.stringify(params));
}

/** Whether the visitor wants no events sent. @param {() => boolean} [optOut] */
export function wantsNoEvents(optOut) {
  return /** @type {any} */ (globalThis.navigator)?.globalPrivacyControl === true || optOut?.() === true;
}
