/** Starts a Go program that does nothing, and says when it has started. */
import { wasi } from './sdk/engine/wasi.js';

globalThis.decided = (async () => {
  const imports = { wasi_snapshot_preview1: wasi(() => instance.exports.memory.buffer) };
  const { instance } = await WebAssembly.instantiateStreaming(fetch('empty.wasm'), imports);
  instance.exports._initialize();
  return performance.now();
})();
