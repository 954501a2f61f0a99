/**
 * The factories of Optimizely's data platform. Projects without ODP need none of what they configure, and neither does this
 * client: it answers as the official one does for a project that has no ODP.
 */

import { checkMethods } from './lib/validate.js';
import { makeSeal } from './lib/seal.js';

/** @typedef {Record<string, unknown>} Options */

/** @type {import('./lib/seal.js').Seal<Options>} */
export const odpManagers = makeSeal('ODP manager');

/** @type {import('./lib/seal.js').Seal<Options>} */
const vuidManagers = makeSeal('VUID manager');

/**
 * @param {Options} [options]
 * @returns {object} for createInstance's `odpManager`
 */
export function createOdpManager(options = {}) {
  if (options.segmentsCache) checkMethods('cache', options.segmentsCache, ['save', 'lookup', 'reset']);
  return odpManagers.wrap(options);
}

/**
 * @param {Options} [options]
 * @returns {object} for createInstance's `vuidManager`
 */
export function createVuidManager(options = {}) {
  return vuidManagers.wrap(options);
}
