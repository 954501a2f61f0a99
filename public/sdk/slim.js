/**
 * The SDK without the address of its engine: for bundlers that take no files along, and for pages that keep the engine
 * elsewhere or want its integrity checked. Call init once; everything else is as in index.js.
 */

import { Client } from './client.js';
import { Engine, EngineLoader } from './engine/index.js';
import { Deferred, Expired } from './lib/deferred.js';

export * from './common_exports.js';

/** @typedef {import('./engine/load.js').EngineSource} EngineSource */
/** @typedef {{wasm: EngineSource | Promise<EngineSource>, integrity?: string}} EngineInit */

/** What init says. @type {Deferred<EngineInit>} */
let told = new Deferred();
let isTold = false;
let hasFailed = false;

const given = new EngineLoader(async () => {
  const { wasm, integrity } = await told.promise;
  return Engine.load(await wasm, integrity);
});

/** Settles once the engine that init was told of is there, or is not to be had. @type {Promise<void>} */
export const ready = given.load().then(() => {});
ready.catch(() => {});

/**
 * Loads the engine, once: calling again changes nothing, unless it failed. Clients may be created before.
 * @param {EngineInit} options wasm: the engine.wasm of this very version, as an address, a response, its bytes or a compiled module;
 *   integrity: of what lies at that address, as in an element's `integrity`
 * @returns {Promise<void>} rejects with an error that says what to change
 */
export async function init({ wasm, integrity }) {
  if (hasFailed) told = new Deferred();
  hasFailed = false;
  isTold = true;
  told.resolve({ wasm, integrity });
  try {
    await given.load();
  } catch (error) {
    hasFailed = true;
    throw error;
  }
}

/** Without init, which is easily forgotten, nothing fails: the engine is only waited for. */
class WaitingClient extends Client {
  /** @override @param {{timeout?: number} | null} [options] */
  async onReady(options) {
    try {
      return await super.onReady(options);
    } catch (error) {
      if (isTold || !(error instanceof Expired)) throw error;
      throw new Expired(`${error.message}: init, which says where the engine is, was not called`);
    }
  }
}

/**
 * Returns at once. Until init was called and engine and datafile are there, every call answers as it does for want of a datafile.
 * @param {import('./client.js').Config} config
 * @returns {Client}
 * @throws {Error} `Invalid config manager`
 */
export function createInstance(config) {
  return new WaitingClient(config, given);
}
