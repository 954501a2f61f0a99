/**
 * The SDK for pages without modules. The build makes one classic script of it, global.min.js, whose exports are the members of
 * the global `sortition`. The engine is the one beside the script, or the one that the script's `data-engine` names; either must
 * be the file that the script was made with, so that an `integrity` on the script covers the engine too.
 */

import { Client } from './client.js';
import { Engine, EngineLoader } from './engine/index.js';

export * from './common_exports.js';

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
if (!script) throw new Error('global.min.js is for <script src>; modules and bundlers import index.js.');

const { engine } = script.dataset;
const address = engine === undefined ? new URL('engine/engine.wasm', script.src) : new URL(engine, document.baseURI);

/** Put in by the build. @type {string | undefined} */
const integrity = /** @type {any} */ (globalThis).SORTITION_ENGINE_INTEGRITY;

const loader = new EngineLoader(() => Engine.load(address, integrity));

/** Settles once the engine is there. @type {Promise<void>} */
export const ready = loader.load().then(() => {});
ready.catch(() => {});

/**
 * @param {import('./client.js').Config} config
 * @returns {Client}
 * @throws {Error} `Invalid config manager`
 */
export function createInstance(config) {
  return new Client(config, loader);
}
