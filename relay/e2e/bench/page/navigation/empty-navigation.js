/** Starts a Go program that does nothing, and says when it has started. */
import { wasi } from './sdk/engine/wasi.js';
import { starting } from './starting-navigation.js';

globalThis.decided = (async () => {
  const memory = () => instance.exports.memory.buffer;
  const imports = { wasi_snapshot_preview1: { ...wasi(memory), ...starting(memory) } };
  const { instance } = await WebAssembly.instantiateStreaming(fetch('empty.wasm'), imports);
  instance.exports._initialize();
  return performance.now();
})();
