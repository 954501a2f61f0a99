import type { Client, Config } from './common_exports.js';

export * from './common_exports.js';

/** Resolves once the engine is loaded; rejects with the reason when it cannot be. */
export declare const ready: Promise<void>;

/** Returns at once; throws `Invalid config manager`. */
export declare function createInstance(config: Config): Client;
