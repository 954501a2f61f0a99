/** @typedef {import('./engine.js').Engine} Engine */

/** An engine that is loaded once, when it is first asked for, and whether it is there yet. */
export class EngineLoader {
  /** The engine when it is there already. @type {Engine | undefined} */
  loaded;
  #load;
  /** @type {Promise<Engine> | undefined} */
  #loading;

  /** @param {() => Promise<Engine>} load */
  constructor(load) {
    this.#load = load;
  }

  /** @returns {Promise<Engine>} rejects with an error that says what to change; calling again then tries again */
  load() {
    // Loading begins on a stack of its own. Whoever looks at the stack a fetch was made on has V8 read all functions on it once more,
    // and where it is first asked for, that is the whole SDK.
    this.#loading ??= Promise.resolve().then(this.#load).then(
      (engine) => (this.loaded = engine),
      (error) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
