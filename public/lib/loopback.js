/** Names by which a computer reaches itself, and nobody else reaches it. */

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/** @param {string} hostname as in a URL, where an IPv6 address stands in brackets */
export function isLoopback(hostname) {
  return LOOPBACK.test(hostname);
}
