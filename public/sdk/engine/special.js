/** Stands for the flag as a whole among the keys of its rules, as officially. */
export const NO_RULE = '$opt_null_rule_key';

/** What nearly all users have: nothing that few have. @type {readonly string[]} */
export const NOTHING = [];

/**
 * What few users have, as rows of a letter and texts, one after the other, which decision.User.ReadSpecial in Go reads. They are quicker to
 * compare with those of the last user than one text, which would have to be put together.
 * @param {import('./ring.js').User} user
 * @returns {readonly string[]} or what an application passed in their place
 */
export function toSpecial({ segments, decisions, forced, remembered }) {
  const special = [];
  for (const segment of segments ?? []) if (typeof segment === 'string') special.push('s', segment);
  for (const [flag, rules] of decisions ?? []) for (const [rule, variation] of rules) special.push('f', flag, rule, variation);
  for (const [experiment, variation] of forced ?? []) special.push('v', experiment, variation);
  for (const experiment in remembered) special.push('h', experiment, remembered[experiment]?.variation_id);
  return special;
}

/** @param {readonly string[]} a @param {readonly string[]} b */
export function areSame(a, b) {
  return a.length === b.length && (a === b || a.every((text, i) => text === b[i]));
}

/** Texts, each behind its length. @param {readonly unknown[]} texts */
export function joined(texts) {
  return texts.map(String).map((text) => `${text.length}:${text}`).join('');
}
