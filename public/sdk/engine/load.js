/**
 * Gets the engine's module from where it lies, with one readable error for whatever goes wrong on the way. No argument of
 * WebAssembly.compile awaits: for its edge runtime Next.js moves the call into a function that is not async.
 */

import { messageOf } from './errors.js';

/** @typedef {URL | string | Response | BufferSource | WebAssembly.Module} EngineSource */

/**
 * @param {EngineSource} source
 * @param {string} [integrity] of what lies at a source that is an address
 * @returns {Promise<WebAssembly.Module>}
 */
export async function loadModule(source, integrity) {
  if (typeof WebAssembly !== 'object') throw new Error('This browser has no WebAssembly, which the engine needs.');
  // Not by instanceof: an edge runtime hands over a module of another realm than the one it runs this code in.
  if (/** @type {any} */ (source)[Symbol.toStringTag] === 'WebAssembly.Module') return /** @type {WebAssembly.Module} */ (source);
  const found = typeof source === 'string' || source instanceof URL ? await find(String(source), integrity) : source;
  if (found instanceof Response && !found.ok) {
    throw new Error(`The engine could not be fetched: ${found.url} answered ${found.status}. Is engine.wasm there?`);
  }
  try {
    return await compile(/** @type {Response | BufferSource} */ (found));
  } catch (error) {
    throw new Error(explain(error, source), { cause: error });
  }
}

/** @param {string} url @param {string} [integrity] @returns {Promise<Response | BufferSource>} */
async function find(url, integrity = '') {
  try {
    return await (url.startsWith('file:') ? bytesOf(url) : fetch(url, { integrity }));
  } catch (error) {
    const doubt = integrity && ` Is it the file whose integrity is ${integrity}?`;
    throw new Error(`The engine could not be fetched from ${url}: ${messageOf(error)}.${doubt}`, { cause: error });
  }
}

/** @param {Response | BufferSource} source */
async function compile(source) {
  if (!(source instanceof Response)) return WebAssembly.compile(source);
  // Streaming insists on this very type, without parameters, and some static hosts do not know it.
  const isStreamed = source.headers.get('content-type') === 'application/wasm' && WebAssembly.compileStreaming;
  return isStreamed ? WebAssembly.compileStreaming(source) : source.arrayBuffer().then(WebAssembly.compile);
}

/** What a file holds, in Node. The name is put together so that no bundler takes it for a file of the page. @param {string} url */
async function bytesOf(url) {
  const name = ['node:fs', 'promises'].join('/');
  const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  return readFile(new URL(url));
}

/** @param {unknown} error @param {EngineSource} source */
function explain(error, source) {
  const text = messageOf(error);
  if (/content security policy|unsafe-eval/i.test(text)) {
    return "The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src.";
  }
  const sender = typeof source === 'string' || source instanceof URL ? source : 'the server';
  return `The engine could not be compiled: ${text}. Is engine.wasm what ${sender} sent?`;
}
