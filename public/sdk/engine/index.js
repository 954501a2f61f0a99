/**
 * The door to the Go engine: the only folder of the site that knows WebAssembly. wasm/README.md describes the boundary.
 */
export { Engine, loadEngine } from './engine.js';
export { AttributeError, DatafileError, EngineLoadError } from './errors.js';
export { toLogEvent, UserEvent } from './event.js';
export { Outcome, valueOf } from './outcome.js';
export { Project } from './project.js';

/**
 * @typedef {import('./frame.js').User} User
 * @typedef {import('./project.js').Decision} Decision
 * @typedef {import('./project.js').Experiment} Experiment
 * @typedef {import('./project.js').Flag} Flag
 * @typedef {import('./project.js').Variation} Variation
 * @typedef {import('./steps.js').Step} Step
 */
