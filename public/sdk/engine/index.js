/**
 * The door to the Go engine: the only folder of the site that knows WebAssembly. wasm/README.md describes the boundary.
 */
export { Engine, loadEngine } from './engine.js';
export { AttributeError, DatafileError, EngineLoadError } from './errors.js';
export { toLogEvent, UserEvent } from './event.js';
export { Project } from './project.js';
