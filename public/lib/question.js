/** What may be asked of a datafile, and how a question stands in the address. */

import { attributesIn } from './attributes.js';
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
 * @param {import('./visitor.js').Look} look of what it does not say; what is forced there is a variation of that experiment
 * @returns {Question}
 */
export function questionIn(search, experimentKey, look) {
  const query = new URLSearchParams(search);
  const flag = query.get('flag');
  const key = flag ?? query.get('experiment') ?? experimentKey;
  const isLookedAt = flag === null && key === experimentKey;
  return {
    visitor: query.get('user') || look.visitor,
    attributes: attributesIn(query.get('attributes')) ?? look.attributes,
    kind: flag === null ? 'experiment' : 'flag',
    key,
    forced: query.get('forced') ?? (isLookedAt ? look.forced : ''),
    remembered: query.get('remembered') ?? '',
  };
}

/**
 * @param {Question} question
 * @param {string} search of the address so far; what else it says stays
 * @returns {string} that names the attributes even where there are none: without them it would ask about the usual ones
 */
export function searchOf({ visitor, attributes, kind, key, forced, remembered }, search) {
  const query = new URLSearchParams(search);
  for (const name of ['flag', 'experiment']) query.delete(name);
  const said = { user: visitor, [kind]: key, attributes: JSON.stringify(attributes), forced, remembered };
  for (const [name, value] of Object.entries(said)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return String(query);
}
