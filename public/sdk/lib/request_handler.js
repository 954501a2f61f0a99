/**
 * An application's own way to make requests, as the official SDK takes it.
 * @typedef {object} RequestHandler
 * @property {(url: string, headers: Record<string, string>, method: string, data?: string) => AbortableRequest} makeRequest
 *
 * @typedef {object} AbortableRequest
 * @property {() => void} abort
 * @property {Promise<{statusCode: number, body: string, headers: Record<string, string | undefined>}>} responsePromise
 */

/**
 * @param {any} handler
 * @returns {import('./requests.js').Fetch} like fetch, by the handler
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
    // A Response would encode the text and decode it again.
    return { status: statusCode, headers: new Headers(/** @type {[string, string][]} */ (known)), text: async () => text };
  };
}
