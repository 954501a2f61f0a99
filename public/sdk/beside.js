import { Engine, EngineLoader } from './engine/index.js';

/**
 * The engine.wasm from beside this module. Bundlers look for just this expression, and take the file along. Those that make no
 * module leave no address in it: asking late, the engine is what fails and not the import.
 */
export const besideURL = () => new URL('./engine/engine.wasm', import.meta.url);

/** The page's one engine, from there. */
export const besideEngine = new EngineLoader(() => Engine.load(besideURL()));
