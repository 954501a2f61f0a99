/** What may be asked of a datafile, and how a question stands in the address. */

import { attributesIn, attributesText } from './attributes.js';
import { experimentsOf } from './datafile.js';

/** @typedef {import('./explanation.js').Question} Question */

/** @typedef {{value: string, label: string}} Choice */

/**
 * @param {any} datafile
 * @returns {{flags: string[], experiments: string[]}} keys, each once
 */
export function subjectsOf(datafile) {
  return {
    flags: [...new Set((datafile.featureFlags ?? []).map((/** @type {any} */ { key }) => key))],
    experiments: [...new Set(experimentsOf(datafile).map(({ key }) => key))],
  };
}

/**
 * @param {any} datafile
 * @param {Pick<Question, 'kind' | 'key'>} question
 * @returns {{forced: Choice[], remembered: Choice[]}} what a page may force, and what a visitor may have had before
 */
export function suppositionsOf(datafile, { kind, key }) {
  const flag = datafile.featureFlags?.find((/** @type {any} */ each) => each.key === key);
  const experiments = experimentsOf(datafile).filter((each) => (kind === 'flag' ? flag?.experimentIds?.includes(each.id) : each.key === key));
  const rollout = datafile.rollouts?.find((/** @type {any} */ { id }) => kind === 'flag' && id === flag?.rolloutId);
  const variations = [...experiments, ...(rollout?.experiments ?? [])].flatMap((rule) => rule.variations ?? []);
  return {
    forced: [...new Set(variations.map((variation) => variation.key))].map((value) => ({ value, label: value })),
    remembered: experiments.flatMap((rule) => (rule.variations ?? []).map((variation) => ({
      value: `${rule.id},${variation.id}`, label: kind === 'flag' ? `${variation.key} of ${rule.key}` : variation.key,
    }))),
  };
}

/**
 * @param {string} search of an address, such as "?user=Matt&flag=shelf&attributes={"plan":"gold"}"
 * @param {string} experimentKey what is asked about when it names nothing
 * @returns {Question}
 */
export function questionIn(search, experimentKey) {
  const query = new URLSearchParams(search);
  const flag = query.get('flag');
  return {
    visitor: query.get('user') ?? '',
    attributes: attributesIn(query.get('attributes')),
    kind: flag === null ? 'experiment' : 'flag',
    key: flag ?? query.get('experiment') ?? experimentKey,
    forced: query.get('forced') ?? '',
    remembered: query.get('remembered') ?? '',
  };
}

/**
 * @param {Question} question
 * @param {string} search of the address so far; what else it says stays
 * @returns {string}
 */
export function searchOf({ visitor, attributes, kind, key, forced, remembered }, search) {
  const query = new URLSearchParams(search);
  for (const name of ['flag', 'experiment']) query.delete(name);
  const said = { user: visitor, [kind]: key, attributes: attributesText(attributes), forced, remembered };
  for (const [name, value] of Object.entries(said)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return String(query);
}
