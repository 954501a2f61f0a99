/**
 * The official SDK's entry for hosts that are neither a browser nor Node, such as edge workers: requests go by the `requestHandler`
 * that each part is given. As in slim.js, init says where the engine is: there a module that the host has compiled.
 */

import { createPollingProjectConfigManager as createPolling } from './config/polling.js';
import { createBatchEventProcessor as createBatch } from './events/batch.js';
import { checkDispatcher, dispatcherBy } from './events/dispatcher.js';
import { createForwardingEventProcessor as createForwarding } from './events/forwarding.js';
import { fetchBy } from './lib/request_handler.js';
import { createInstance as create } from './slim.js';

export * from './slim.js';

/** @typedef {import('./lib/request_handler.js').RequestHandler} RequestHandler */

const FLUSH_INTERVAL_MS = 1000;

/** What events call this client. */
export const clientEngine = 'javascript-sdk';

/** Where this package runs. */
export const __platforms = Object.freeze(['__universal__']);

/**
 * @param {import('./client.js').Config} config
 * @returns {import('./client.js').Client}
 * @throws {Error} `Invalid config manager`
 */
export function createInstance(config) {
  return create({ clientEngine, ...config });
}

/**
 * @param {import('./config/polling.js').PollingOptions & {requestHandler: RequestHandler}} options
 * @returns {object} for createInstance's `projectConfigManager`
 */
export function createPollingProjectConfigManager({ requestHandler, ...options }) {
  return createPolling({ autoUpdate: true, ...options }, fetchBy(requestHandler));
}

/** @param {RequestHandler} requestHandler @returns {import('./events/dispatcher.js').EventDispatcher} */
export function createEventDispatcher(requestHandler) {
  return dispatcherBy(fetchBy(requestHandler));
}

/** @param {import('./events/dispatcher.js').EventDispatcher} eventDispatcher @returns {object} for createInstance's `eventProcessor` */
export function createForwardingEventProcessor(eventDispatcher) {
  return createForwarding(checkDispatcher(eventDispatcher));
}

/**
 * @param {import('./events/batch.js').BatchOptions & {eventDispatcher: import('./events/dispatcher.js').EventDispatcher}} options
 * @returns {object} for createInstance's `eventProcessor`
 */
export function createBatchEventProcessor(options) {
  checkDispatcher(options.eventDispatcher);
  return createBatch({ flushInterval: FLUSH_INTERVAL_MS, ...options, eventStore: options.eventStore ?? null });
}
