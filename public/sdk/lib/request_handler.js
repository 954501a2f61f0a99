/**
 * An application's own way to make requests, as the official SDK takes it.
 * @typedef {object} RequestHandler
 * @property {(url: string, headers: Record<string, string>, method: string, data?: string) => AbortableRequest} makeRequest
 *
 * @typedef {object} AbortableRequest
 * @property {() => void} abort
 * @property {Promise<{statusCode: number, body: string, headers: Record<string, string | undefined>}>} responsePromise
 */

/** Answers that may have no body. */
const EMPTY = [204, 205, 304];

/**
 * @param {any} handler
 * @returns {(url: string, init?: RequestInit) => Promise<Response>} like fetch, by the handler
 * @throws {Error} when it is none
 */
export function fetchBy(handler) {
  if (typeof handler?.makeRequest !== 'function') throw new Error('Invalid request handler');
  return async (url, { headers, method = 'GET', body, signal } = {}) => {
    /** @type {AbortableRequest} */
    const request = handler.makeRequest(url, Object.fromEntries(new Headers(headers)), method, body ?? undefined);
    signal?.addEventListener('abort', () => request.abort());
    const { statusCode, body: text, headers: answered } = await request.responsePromise;
    const known = Object.entries(answered).filter(([, value]) => value !== undefined);
    return new Response(EMPTY.includes(statusCode) ? null : text, { status: statusCode, headers: /** @type {[string, string][]} */ (known) });
  };
}
