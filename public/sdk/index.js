/**
 * Sortition's SDK: the named exports and behaviour of @optimizely/optimizely-sdk 6.6.1, on a Go engine in WebAssembly, and
 * a config manager and an event processor of its own that talk to Sortition's relay. README.md tells the differences.
 */

import { Client } from './client.js';
import { besideEngine } from './beside.js';

export * from './common_exports.js';

/**
 * Settles once the engine is there. From then on a client of a static config manager decides right after createInstance;
 * other clients need not wait for it, their onReady does.
 * @type {Promise<void>}
 */
export const ready = besideEngine.load().then(() => {});
ready.catch(() => {}); // each client reports it; on its own it is no unhandled rejection

/**
 * Returns at once. Until engine and datafile are there, every call answers as it does for want of a datafile.
 * @param {import('./client.js').Config} config
 * @returns {Client}
 * @throws {Error} `Invalid config manager`
 */
export function createInstance(config) {
  return new Client(config, besideEngine);
}
