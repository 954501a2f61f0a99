import { DatafileError } from './errors.js';
import { Frame } from './frame.js';
import { loadModule } from './load.js';
import { Project } from './project.js';
import { Ring } from './ring.js';
import { EngineExit, wasi } from './wasi.js';

/** @typedef {import('./exports.js').Exports} Exports */

/** An engine at once, for hosts that have the time to compile it within a call. @param {BufferSource} bytes of engine.wasm */
export function engineOf(bytes) {
  return new Engine(new WebAssembly.Module(bytes));
}

/** The Go engine: one WebAssembly instance, shared by all projects of a page. */
export class Engine {
  #module;
  /** Those that are open. @type {Set<Project>} */
  projects = new Set();
  /** Told when a broken instance was replaced. @type {(error: unknown) => void} */
  onReplaced = () => {};

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.#module = module;
    /** The current one, for the calls that are made most; they hand what they catch to recover. */
    this.instance = instantiate(module);
  }

  /**
   * @param {import('./load.js').EngineSource} source
   * @param {string} [integrity] of what lies at a source that is an address, as in an element's `integrity`
   * @returns {Promise<Engine>} rejects with an error that says what to change
   */
  static async load(source, integrity) {
    return new Engine(await loadModule(source, integrity));
  }

  /**
   * Parses a datafile.
   * @param {string} datafile
   * @param {{clientName: string, clientVersion: string}} client as events name it
   * @returns {Project} close it when it is of no more use
   * @throws {DatafileError}
   */
  open(datafile, client) {
    try {
      const project = new Project(this, datafile, client);
      this.projects.add(project);
      return project;
    } catch (error) {
      this.recover(error); // throws on what did not break the instance
      throw new DatafileError(`datafile: the engine broke on it: ${error}`);
    }
  }

  /**
   * Calls an export; a call that traps is made once more, on a new instance with the same datafiles. What a call answers must not
   * depend on earlier ones, and none does.
   * @template T
   * @param {(instance: {exports: Exports, frame: Frame}) => T} call
   * @returns {T}
   */
  call(call) {
    try {
      return call(this.instance);
    } catch (error) {
      this.recover(error);
      return call(this.instance);
    }
  }

  /** Replaces the instance when the error says that it broke, else throws the error on. @param {unknown} error */
  recover(error) {
    if (!broken(error)) throw error;
    this.instance = instantiate(this.#module);
    for (const project of this.projects) project.reopen();
    this.onReplaced(error);
  }
}

/** A trap, an exhausted stack, or Go's own exit: after these an instance may be in any state. @param {unknown} error */
function broken(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error instanceof EngineExit;
}

/** @param {WebAssembly.Module} module */
function instantiate(module) {
  const imports = { wasi_snapshot_preview1: wasi(() => exports.memory.buffer) };
  const exports = /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(module, imports).exports));
  return { exports, frame: new Frame(exports.memory, exports.reserve), ring: new Ring(exports.memory, exports.users) };
}
