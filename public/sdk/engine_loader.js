/** The one engine of a page or process, and whether it is there yet. */

import { loadEngine } from './engine/index.js';

/** @typedef {import('./engine/index.js').Engine} Engine */

/** @type {Engine | undefined} */
let engine;

/** The engine when it is there already. */
export function loadedEngine() {
  return engine;
}

/**
 * @returns {Promise<Engine>} rejects with an EngineLoadError; calling again tries again
 */
export async function whenLoaded() {
  return (engine = await loadEngine());
}

/**
 * Settles once the engine is there. From then on a client of a static config manager decides right after createInstance;
 * other clients need not wait for it, their onReady does.
 * @type {Promise<void>}
 */
export const ready = whenLoaded().then(() => {});
ready.catch(() => {}); // each client reports it; on its own it is no unhandled rejection
