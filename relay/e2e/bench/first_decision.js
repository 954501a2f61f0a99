/**
 * Runs what a page runs of a module until its first decision, for whoever counts what V8 compiles: the engine, which opens a datafile and decides a
 * flag, or, without a datafile, a program that is only started.
 *
 *     node --trace-wasm-compilation-times first_decision.js MODULE [DATAFILE]
 */

import { readFileSync } from 'node:fs';
import { Engine } from '../../../public/sdk/engine/index.js';
import { wasi } from '../../../public/sdk/engine/wasi.js';
import { starting } from './page/navigation/starting-navigation.js';

const [wasm, datafile] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(wasm));
if (datafile) {
  const project = new Engine(module).open(readFileSync(datafile, 'utf8'), { clientName: 'bench', clientVersion: '1' });
  const attributes = { country: 'NO', age: 42, app_version: '2.4.1', plan: 'pro plan' };
  project.decide(project.flag('measured_flag'), { id: 'visitor_000001', attributes });
} else {
  const memory = () => instance.exports.memory.buffer;
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: { ...wasi(memory), ...starting(memory) } });
  instance.exports._initialize();
}
