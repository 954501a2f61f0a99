import { LateEventProcessor } from '../events/late_processor.js';
import { processors } from '../events/processor.js';
import { relayAddress } from './address.js';
import { bequeath, toRequest, wantsNoEvents } from './farewell.js';
import { relayCode } from './late.js';

/**
 * @typedef {import('../events/processor.js').EventKind} EventKind
 *
 * What became of an event: it waits, it is on its way, the relay has it on disk, had it there before, or never will have it.
 * @typedef {object} EventState
 * @property {string} uuid
 * @property {EventKind} kind
 * @property {'queued' | 'sent' | 'safe' | 'duplicate' | 'refused'} status
 * @property {string} [error] why it waits again, or was refused
 *
 * How the queue stands.
 * @typedef {object} QueueState
 * @property {number} waiting events, those that other pages of this origin left among them
 * @property {number} dropped since the queue was full or they were too old, since this page began
 * @property {number} [retryAt] when the next attempt is, after a failed one: milliseconds since 1970
 *
 * @typedef {object} RelayEventOptions
 * @property {string} [relayUrl] default: the page's own origin
 * @property {string} [sdkKey] counts the events for this project; default: the relay finds the project by its ids
 * @property {(state: EventState) => void} [onEvent] told of each step of each event of this page
 * @property {(state: QueueState) => void} [onQueue] told whenever one of its numbers changes
 * @property {() => boolean} [optOut] whether the visitor wants no events sent, asked at each event; Global Privacy Control is
 *     obeyed without it
 * @property {typeof fetch} [fetch] what requests go by; default: the host's own. What a browser sends for a page that is gone is not
 *     among them
 */

/**
 * Takes events to a relay, and keeps each until the relay has it on disk: beyond the page's end where the browser lets it store
 * them. Of the pages that share a store one at a time sends what is there. Results are live within a second.
 * @param {RelayEventOptions} [options]
 * @returns {object} for createInstance's `eventProcessor`
 */
export function createRelayEventProcessor(options = {}) {
  const url = relayAddress(options.relayUrl, 'v1/events');
  if (options.sdkKey) url.searchParams.set('sdkKey', options.sdkKey);
  return processors.wrap(new RelayEventProcessor(String(url), options));
}

/**
 * Should the page go before the code is there, each event is left with the browser.
 * @extends {LateEventProcessor<import('./late.js').RelayCode>}
 */
class RelayEventProcessor extends LateEventProcessor {
  #url;
  #optOut;

  /** @param {string} url @param {RelayEventOptions} options */
  constructor(url, options) {
    super('RelayEventProcessor', relayCode, ({ EventSender }, host) => new EventSender(url, options, host));
    this.#url = url;
    this.#optOut = options.optOut;
  }

  /** @override What waits stays: should the page come back, it is sent again and counts once. */
  handOver() {
    if (wantsNoEvents(this.#optOut)) return;
    for (const [event] of this.waiting) {
      const request = toRequest([event], this.#url);
      if (bequeath(request)) this.host.onDispatch(request);
    }
  }
}
