/** What of WASI a Go program needs to start: the engine, which comes started, needs none of it. */

/** @param {() => ArrayBuffer} memory @returns {WebAssembly.ModuleImports} */
export function starting(memory) {
  const none = (/** @type {number} */ count, /** @type {number} */ size) => {
    const view = new DataView(memory());
    view.setUint32(count, 0, true);
    view.setUint32(size, 0, true);
    return 0;
  };
  return {
    args_sizes_get: none,
    args_get: () => 0,
    environ_sizes_get: none,
    environ_get: () => 0,
    sched_yield: () => 0,
    random_get(/** @type {number} */ out, /** @type {number} */ length) {
      crypto.getRandomValues(new Uint8Array(memory(), out, length));
      return 0;
    },
  };
}
