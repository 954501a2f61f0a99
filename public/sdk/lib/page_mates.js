/**
 * What else of this SDK there is on a page: other copies of it, and other clients that follow the same project. All of them work, but
 * mostly they are a mistake: a package that was installed twice, or a client that a hot reload left behind. It is told once.
 */

import { CLIENT_VERSION } from '../version.js';

/** This copy. */
const COPY = Symbol();

/**
 * What all copies know by a name.
 * @template Key
 * @template Value
 * @param {string} name
 * @returns {Map<Key, Value>}
 */
function shared(name) {
  const page = /** @type {Record<symbol, Map<Key, Value>>} */ (/** @type {unknown} */ (globalThis));
  return (page[Symbol.for(`sortition-sdk ${name}`)] ??= new Map());
}

/**
 * Tells when a client is not of the copy that the page's other clients are of.
 * @param {import('./logger.js').Logger} logger
 */
export function meetCopies(logger) {
  /** @type {Map<symbol, string>} */
  const copies = shared('copies');
  if (!copies.has(COPY) && copies.set(COPY, CLIENT_VERSION).size === 2) {
    logger.warn('This page has 2 copies of the SDK (%s): each loads an engine of its own. Import it from one place.', [...copies.values()].join(', '));
  }
}

/**
 * Tells when another client follows the same project.
 * @param {string} project
 * @param {import('./logger.js').Logger} logger
 * @returns {() => void} says that this one follows no more
 */
export function meetFollowers(project, logger) {
  /** @type {Map<string, {count: number, isTold: boolean}>} */
  const followers = shared('followers');
  const mates = followers.get(project) ?? { count: 0, isTold: false };
  followers.set(project, mates);
  if (++mates.count > 1 && !mates.isTold) {
    mates.isTold = true;
    logger.warn('Another client on this page follows %s already: share one, and close() it before a hot reload makes the next.', project);
  }
  return () => mates.count--;
}
