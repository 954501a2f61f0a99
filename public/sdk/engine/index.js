/**
 * The door to the Go engine: the only folder of the site that knows WebAssembly. wasm/README.md describes the boundary. Where the
 * engine lies is said by ../beside.js, not here: those who bring their own engine do without it.
 */
export { Engine, engineOf } from './engine.js';
export { AttributeError, DatafileError } from './errors.js';
export { KeptEvent, toLogEvent, toOwnLogEvent } from './event.js';
export { NONE } from './exports.js';
export { EngineLoader } from './loader.js';
export { valueOf, valuesOf, variableOf } from './outcome.js';
export { Project } from './project.js';
export { NO_RULE } from './special.js';
export { toUser } from './user.js';

/**
 * @typedef {import('./event.js').UserEvent} UserEvent
 * @typedef {import('./user.js').User} User
 * @typedef {import('./user.js').Special} Special
 * @typedef {import('./outcome.js').Outcome} Outcome
 * @typedef {import('./project.js').Decision} Decision
 * @typedef {import('./project.js').Experiment} Experiment
 * @typedef {import('./project.js').Flag} Flag
 * @typedef {import('./project.js').Variation} Variation
 * @typedef {import('./steps.js').Step} Step
 */
