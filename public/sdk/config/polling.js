import { makeConfigManager } from './manager.js';
import { optimizelyCode } from '../optimizely/late.js';
import { checkMethods } from '../lib/validate.js';
import { LateSource } from './late_source.js';

/**
 * @typedef {object} Store keeps text; `operation` says whether its methods return promises
 * @property {'sync' | 'async'} operation
 * @property {(key: string) => any} get
 * @property {(key: string, value: string) => any} set
 * @property {(key: string) => any} remove
 * @property {() => any} getKeys
 *
 * @typedef {object} PollingOptions
 * @property {string} sdkKey
 * @property {string} [datafile] decides until the first is fetched
 * @property {import('./manager.js').SchemaValidator} [jsonSchemaValidator]
 * @property {boolean} [autoUpdate] default: false in a page, true elsewhere
 * @property {number} [updateInterval] milliseconds from one answer to the next request; default five minutes
 * @property {string} [urlTemplate] with `%s` for the sdkKey; default Optimizely's CDN
 * @property {string} [datafileAccessToken] of a secure environment
 * @property {Record<string, string>} [customHeaders]
 * @property {Store} [cache] keeps the last datafile for the next start
 */

/**
 * @param {PollingOptions} options
 * @param {ConstructorParameters<typeof import('../lib/requests.js').Requests>[1]} [by] what requests go by; default: the host's own
 * @returns {object} for createInstance's `projectConfigManager`
 */
export function createPollingProjectConfigManager(options, by) {
  options = { ...options }; // of nothing, too, as officially
  if (options.cache) checkMethods('store', options.cache, ['set', 'get', 'remove', 'getKeys']);
  return makeConfigManager({ ...options, source: new LateSource(optimizelyCode, ({ PollingSource }) => new PollingSource(options, by)) });
}
