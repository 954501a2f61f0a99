/** The page's settings, from config.json beside it: written by hand on a static host, answered by a relay from its own. */

import { fetchJSON } from './fetch-json.js';

/**
 * @typedef {object} Config
 * @property {string} relayUrl where the relay is; '' when it serves this page
 * @property {string} sdkKey
 * @property {string} experimentKey
 * @property {string} eventKey
 * @property {Record<string, string>} sort the order of items each variation key stands for
 */

const TEXTS = /** @type {const} */ (['relayUrl', 'sdkKey', 'experimentKey', 'eventKey']);

/** @returns {Promise<Config>} */
export async function loadConfig() {
  return parseConfig(await fetchJSON('config.json'));
}

/**
 * @param {unknown} value
 * @returns {Config}
 * @throws {Error} naming the setting that is missing
 */
export function parseConfig(value) {
  const config = /** @type {Partial<Config>} */ (value && typeof value === 'object' ? value : {});
  for (const name of TEXTS) {
    if (typeof config[name] !== 'string') throw new Error(`config.json has no text named ${name}.`);
  }
  return { ...(/** @type {Config} */ (config)), sort: { ...config.sort } };
}
