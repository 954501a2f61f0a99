import { Engine } from './engine.js';
import { EngineLoader } from './loader.js';

/** The engine.wasm beside this file. Bundlers look for just this expression, and take the file along. */
export const besideURL = new URL('./engine.wasm', import.meta.url);

/** The page's one engine, from beside this file. */
export const besideEngine = new EngineLoader(() => Engine.load(besideURL));
