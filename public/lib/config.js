/** The page's settings, from config.json beside it: written by hand on a static host, answered by a relay from its own. */

import { ORDERS } from './catalogue.js';
import { fetchJSON } from './fetch-json.js';

/**
 * @typedef {object} Config
 * @property {string} relayUrl where the relay is; '' when that is the root of this page's host
 * @property {boolean} isServed whether the relay serves this page, and made config.json of its own settings
 * @property {string} sdkKey
 * @property {string} experimentKey
 * @property {string} eventKey
 * @property {Record<string, string>} sort the order of items each variation key stands for
 * @property {string} complaint one sentence on what is odd but bearable, '' when nothing is
 */

/** What must be there, each with what belongs there. */
const TEXTS = /** @type {const} */ ({
  relayUrl: 'the address of your relay, or "" when it serves this page',
  sdkKey: 'the SDK key of your project',
  experimentKey: 'the key of the experiment that sorts the shelf',
  eventKey: 'the key of the event that a purchase is',
});

const NAMES = [...Object.keys(TEXTS), 'sort'];

/** Where a page on https may reach a relay on http. */
const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @returns {Promise<Config>} */
export async function loadConfig() {
  const value = await fetchJSON('config.json').catch((error) => {
    const said = error.message.replace(/\.$/, '');
    throw new Error(`${said}: beside this page belongs a config.json like the one in the repository.`);
  });
  return parseConfig(value, new URL('.', location.href));
}

/**
 * @param {unknown} value
 * @param {URL} site the folder of the page, which may be below its host's root
 * @returns {Config}
 * @throws {Error} naming the setting that is missing or wrong, and what it should be
 */
export function parseConfig(value, { href, pathname, protocol }) {
  const config = /** @type {Config} */ (value && typeof value === 'object' ? value : {});
  for (const [name, meaning] of /** @type {[keyof typeof TEXTS, string][]} */ (Object.entries(TEXTS))) {
    if (typeof config[name] !== 'string') throw new Error(`config.json has no text named ${name}: add ${meaning}.`);
    if (!config[name] && name !== 'relayUrl') throw new Error(`${name} in config.json is empty: it should be ${meaning}.`);
  }
  const { sdkKey, experimentKey, eventKey } = config;
  const sort = config.sort && typeof config.sort === 'object' ? { ...config.sort } : {};
  const relayUrl = parseRelayUrl(config.relayUrl || (pathname === '/' ? '' : href), protocol);
  const isServed = /^\/*$/.test(config.relayUrl.trim());
  return { relayUrl, isServed, sdkKey, experimentKey, eventKey, sort, complaint: complaintOf(config, sort) };
}

/**
 * @param {string} relayUrl
 * @param {string} protocol
 * @returns {string} without slashes at its end
 */
function parseRelayUrl(relayUrl, protocol) {
  const text = relayUrl.trim().replace(/\/+$/, '');
  if (!text) return '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`relayUrl in config.json is ${relayUrl}: it should begin with http:// or https://, or be "" when the relay serves this page.`);
  }
  if (protocol === 'https:' && url.protocol === 'http:' && !OWN_MACHINE.has(url.hostname)) {
    throw new Error(`relayUrl in config.json is ${relayUrl}: this page came by https, so its relay must be reached by https too.`);
  }
  return text;
}

/**
 * @param {object} config
 * @param {Record<string, string>} sort
 */
function complaintOf(config, sort) {
  const stranger = Object.keys(config).find((name) => !NAMES.includes(name));
  if (stranger !== undefined) return `config.json has a setting named ${stranger}, which means nothing here: there are ${list(NAMES)}.`;
  const odd = Object.entries(sort).find(([, order]) => !ORDERS.includes(order));
  return odd ? `config.json sorts ${odd[0]} by ${odd[1]}, which is no order: there are ${list(ORDERS)}.` : '';
}

/** @param {string[]} words at least two */
function list(words) {
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
