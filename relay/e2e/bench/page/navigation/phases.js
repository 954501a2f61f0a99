/** Run before all else in a page, notes when it gets where on the way to its first decision, in milliseconds since the navigation began. */
(() => {
  /** @type {Record<string, number>} */
  const phases = (globalThis.phases = {});
  const note = (/** @type {string} */ name) => (phases[name] ??= performance.now());

  const ask = globalThis.fetch;
  globalThis.fetch = (source, options) => {
    if (String(source).endsWith('.wasm')) note('asked');
    return ask(source, options);
  };

  const { Instance, instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const result = await instantiateStreaming.call(WebAssembly, source, imports);
    note('instantiated');
    return result;
  };
  /** @this {unknown} */
  WebAssembly.Instance = function (/** @type {WebAssembly.Module} */ module, /** @type {WebAssembly.Imports} */ imports) {
    const exports = { ...new Instance(module, imports).exports };
    note('instantiated');
    const open = exports.open;
    exports.open = () => {
      const project = open();
      note('opened');
      return project;
    };
    return { exports };
  };
})();
