/**
 * The address of one of the relay's endpoints.
 * @param {string | undefined} relayUrl http or https, a path included if it has one; without one it is the page's own origin
 * @param {string} path without a leading slash
 * @returns {URL}
 * @throws {Error} when the relay's address is none
 */
export function relayAddress(relayUrl, path) {
  const base = relayUrl || globalThis.location?.origin;
  if (!base) throw new Error('relayUrl is missing: outside a page it has no default');
  let url;
  try {
    url = new URL(path, base.endsWith('/') ? base : `${base}/`);
  } catch {
    throw new Error(`relayUrl is no address: ${relayUrl}`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`relayUrl must be http or https: ${relayUrl}`);
  return url;
}

/**
 * The address of the relay's websocket.
 * @param {string} relayUrl
 */
export function streamAddress(relayUrl) {
  const url = relayAddress(relayUrl, 'v1/stream');
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}
