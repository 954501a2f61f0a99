/** That the same id gets the same variation: what was tried, and how to say what came of it. */

import { attributesText } from './attributes.js';
import { recall, remember } from './memory.js';
import { listOf } from './sentence.js';

/**
 * @typedef {object} Constancy
 * @property {number} times the same was decided anew in this page
 * @property {string | null | undefined} before the variation at an earlier visit under the same datafile; undefined when there was none
 * @property {string | null | undefined} relay the variation by the relay's own engine; undefined while it has not answered
 *
 * @typedef {object} Occasion
 * @property {string} experimentKey
 * @property {string | null | undefined} hash of the datafile: one revision may have several by hand; none where it came without one
 * @property {import('./visitor.js').Look} look
 * @property {string | null} variation
 */

export const TIMES = 100;

/**
 * What this browser remembers of the same occasion, which it remembers from now on.
 * @param {Occasion} occasion
 * @returns {Constancy['before']}
 */
export function beforeThis({ experimentKey, hash, look, variation }) {
  if (!hash) return undefined; // nobody knows then whether it is the same
  const occasion = JSON.stringify([experimentKey, hash, look.visitor, attributesText(look.attributes)]);
  const kept = recall('decision');
  remember('decision', `${occasion}\n${variation ?? ''}`);
  const end = kept.indexOf('\n'); // the first: a variation's key may have more of them, JSON has none
  return kept.slice(0, end) === occasion ? kept.slice(end + 1) || null : undefined;
}

/**
 * @param {Constancy} constancy
 * @param {string | null} variation that was decided
 * @returns {{words: string, holds: boolean}}
 */
export function constancyInWords({ times, before, relay }, variation) {
  if (times < TIMES) return { holds: false, words: `Asked ${TIMES} times, the engine decided otherwise ${TIMES - times} times: that is a fault.` };
  if (before !== undefined && before !== variation) return { holds: false, words: `Another variation than at the last visit, ${before ?? 'none'}: that is a fault.` };
  if (relay !== undefined && relay !== variation) return { holds: false, words: `The relay’s engine decides otherwise, ${relay ?? 'none'}: that is a fault.` };
  const where = ['here'];
  if (before !== undefined) where.push('at the last visit');
  if (relay !== undefined) where.push('by the relay');
  return { holds: true, words: `Same id, same variation: checked ${TIMES} times ${listOf(where)}.` };
}
