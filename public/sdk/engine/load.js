/**
 * Gets the engine's module from where it lies, with one readable error for whatever goes wrong on the way. No argument of
 * WebAssembly.compile awaits: for its edge runtime Next.js moves the call into a function that is not async.
 */

import { EngineLoadError, messageOf } from './errors.js';

/** @typedef {URL | string | Response | BufferSource | WebAssembly.Module} EngineSource */

/**
 * @param {EngineSource} source
 * @param {string} [integrity] of what lies at a source that is an address
 * @returns {Promise<WebAssembly.Module>}
 */
export async function loadModule(source, integrity) {
  if (typeof WebAssembly !== 'object') {
    throw new EngineLoadError('This browser has no WebAssembly, which the engine needs.');
  }
  try {
    // Not by instanceof: an edge runtime hands over a module of another realm than the one it runs this code in.
    if (/** @type {any} */ (source)[Symbol.toStringTag] === 'WebAssembly.Module') return source;
    if (source instanceof Response) return await compileResponse(source);
    if (typeof source === 'string' || source instanceof URL) return await compileFrom(String(source), integrity);
    return await WebAssembly.compile(/** @type {BufferSource} */ (source));
  } catch (error) {
    throw error instanceof EngineLoadError ? error : new EngineLoadError(explain(error, source), error);
  }
}

/** @param {string} url @param {string} [integrity] */
async function compileFrom(url, integrity = '') {
  if (url.startsWith('file:')) return bytesOf(url).then(WebAssembly.compile);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { integrity });
  } catch (error) {
    const doubt = integrity && ` Is it the file whose integrity is ${integrity}?`;
    throw new EngineLoadError(`The engine could not be fetched from ${url}: ${messageOf(error)}.${doubt}`, error);
  }
  return compileResponse(response);
}

/** @param {Response} response */
async function compileResponse(response) {
  if (!response.ok) {
    throw new EngineLoadError(`The engine could not be fetched: ${response.url} answered ${response.status}. Is engine.wasm there?`);
  }
  // Streaming insists on this very type, without parameters, and some static hosts do not know it.
  const isStreamed = response.headers.get('content-type') === 'application/wasm' && WebAssembly.compileStreaming;
  return isStreamed ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile);
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
