import { Engine, EngineLoader } from './engine/index.js';

/**
 * The engine.wasm from beside this module. Bundlers look for just this expression, and take the file along; so does nft, with which
 * Next.js and Nuxt look for a server's files, but not where an arrow function has nothing else. Those that make no module leave no
 * address in it: asking late, the engine is what fails and not the import.
 */
export function besideURL() {
  return new URL('./engine/engine.wasm', import.meta.url);
}

/** The page's one engine, from there. */
export const besideEngine = new EngineLoader(() => Engine.load(besideURL()));
