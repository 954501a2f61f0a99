/**
 * What else of this SDK there is on a page: other copies of it, and other clients that follow the same project. All of them work, but
 * mostly they are a mistake: a package that was installed twice, or a client that a hot reload left behind. It is told once.
 */

import { CLIENT_VERSION } from '../version.js';

/** @typedef {{copies: Map<symbol, string>, followers: Map<string, number>, told: Set<string>}} Mates copies: their versions */

/** All copies find it by this name. */
const NAME = Symbol.for('sortition-sdk');

/** This copy. */
const COPY = Symbol();

/** @returns {Mates} */
function mates() {
  const page = /** @type {Record<symbol, Mates>} */ (/** @type {unknown} */ (globalThis));
  return (page[NAME] ??= { copies: new Map(), followers: new Map(), told: new Set() });
}

/**
 * Tells when a client is not of the copy that the page's other clients are of.
 * @param {import('./logger.js').Logger} logger
 */
export function meetCopies(logger) {
  const { copies, told } = mates();
  copies.set(COPY, CLIENT_VERSION);
  if (copies.size < 2 || told.has('copies')) return;
  told.add('copies');
  logger.warn('This page has %s copies of the SDK (%s): each loads an engine of its own. Import it from one place.', copies.size, [...copies.values()].join(', '));
}

/**
 * Tells when another client follows the same project.
 * @param {string} project
 * @param {import('./logger.js').Logger} logger
 * @returns {() => void} says that this one follows no more
 */
export function meetFollowers(project, logger) {
  const { followers, told } = mates();
  const count = (/** @type {number} */ change) => followers.set(project, (followers.get(project) ?? 0) + change).get(project) ?? 0;
  if (count(1) > 1 && !told.has(project)) {
    told.add(project);
    logger.warn('Another client on this page follows %s already: share one, and close() it before a hot reload makes the next.', project);
  }
  return () => count(-1);
}
