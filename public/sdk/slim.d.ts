import type { Client, Config } from './common_exports.js';

export * from './common_exports.js';

/** Where engine.wasm comes from. The last is a `WebAssembly.Module`, a name that servers without the DOM's types do not know. */
export type EngineSource = URL | string | Response | ArrayBuffer | ArrayBufferView | object;

export type EngineInit = {
  /** The engine.wasm of this very version: its address, a response, its bytes, or the compiled module. */
  wasm: EngineSource | Promise<EngineSource>;
  /** Of what lies at that address, as in an element's `integrity`; what is something else is not run. */
  integrity?: string;
};

/** Loads the engine, once; calling again changes nothing, unless it failed. Rejects with what to change. */
export declare function init(options: EngineInit): Promise<void>;

/** Resolves once the engine that init was told of is loaded; rejects with the reason when it cannot be. */
export declare const ready: Promise<void>;

/** Returns at once; throws `Invalid config manager`. Clients may be created before init is called. */
export declare function createInstance(config: Config): Client;
