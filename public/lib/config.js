/** The page's settings, from config.json beside it: written by hand on a static host, answered by a relay from its own. */

import { ORDERS } from './catalogue.js';
import { fetchJSON } from './fetch-json.js';
import { listOf } from './sentence.js';

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

/** What to do about a file that is missing or none at all. */
const BELONGS = 'beside this page belongs a config.json like the one in the repository.';

const SORT = '{"price":"price","category":"category"}';

/** So many characters of a wrong value are quoted. */
const LONGEST = 40;

const NAMES = [...Object.keys(TEXTS), 'sort'];

/** Where a page on https may reach a relay on http. */
const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @returns {Promise<Config>} */
export async function loadConfig() {
  const value = await fetchJSON('config.json').catch((error) => {
    const said = error.message.replace(/\.$/, '');
    throw new Error(`${said}: ${BELONGS}`);
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
  if (!isObject(value)) throw new Error(`config.json is ${inShort(value)}, which holds no settings: ${BELONGS}`);
  const config = /** @type {Config} */ (value);
  for (const [name, meaning] of /** @type {[keyof typeof TEXTS, string][]} */ (Object.entries(TEXTS))) {
    if (config[name] === undefined) throw new Error(`config.json has no ${name}: add ${meaning}.`);
    if (typeof config[name] !== 'string') throw new Error(`${name} in config.json is ${inShort(config[name])}, which is no text: it should be ${meaning}.`);
    if (!config[name] && name !== 'relayUrl') throw new Error(`${name} in config.json is empty: it should be ${meaning}.`);
  }
  const { sdkKey, experimentKey, eventKey } = config;
  const sort = isObject(config.sort) ? { ...config.sort } : {};
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
 * @param {Config} config
 * @param {Record<string, string>} sort
 */
function complaintOf(config, sort) {
  const stranger = Object.keys(config).find((name) => !NAMES.includes(name));
  if (stranger !== undefined) return `config.json has a setting named ${stranger}, which means nothing here: there are ${listOf(NAMES)}.`;
  if (config.sort !== undefined && !isObject(config.sort)) return `sort in config.json is ${inShort(config.sort)}: it should be like ${SORT}.`;
  const odd = Object.entries(sort).find(([, order]) => !ORDERS.includes(order));
  return odd ? `config.json sorts ${odd[0]} by ${typeof odd[1] === 'string' ? odd[1] : inShort(odd[1])}, which is no order: there are ${listOf(ORDERS)}.` : '';
}

/** @param {unknown} value @returns {value is object} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {string} its JSON, short enough for a sentence */
function inShort(value) {
  const text = JSON.stringify(value) ?? 'empty';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
