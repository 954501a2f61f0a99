/**
 * The SDK for Node, where the engine can be read and compiled within the import: a client of a static config manager decides right after
 * createInstance, as officially.
 */

import { readFileSync } from 'node:fs';
import { besideURL } from './beside.js';
import { Client } from './client.js';
import { Engine, EngineLoader, engineOf } from './engine/index.js';

export * from './common_exports.js';

const engine = new EngineLoader(() => Engine.load(besideURL()));
try {
  engine.loaded = engineOf(readFileSync(besideURL()));
} catch {
  // Trying again, as elsewhere, tells `ready` and every client what to change.
}

/** Settles once the engine is there, which it mostly is already. @type {Promise<void>} */
export const ready = engine.loaded ? Promise.resolve() : engine.load().then(() => {});
ready.catch(() => {});

/**
 * Returns at once.
 * @param {import('./client.js').Config} config
 * @returns {Client}
 * @throws {Error} `Invalid config manager`
 */
export function createInstance(config) {
  return new Client(config, engine);
}
