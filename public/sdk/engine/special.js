/** Stands for the flag as a whole among the keys of its rules, as officially. */
export const NO_RULE = '$opt_null_rule_key';

/** What nearly all users have: nothing that few have. @type {readonly string[]} */
export const NOTHING = [];

/**
 * What few users have, as rows of a letter and texts, one after the other, which decision.User.ReadSpecial in Go reads. They are quicker to
 * compare with those of the last user than one text, which would have to be put together.
 * @param {import('./user.js').Special} special
 * @returns {readonly string[]} or what an application passed in their place
 */
export function toRows({ segments, decisions, forced, remembered }) {
  const rows = [];
  for (const segment of segments ?? []) if (typeof segment === 'string') rows.push('s', segment);
  for (const [flag, rules] of decisions ?? []) for (const [rule, variation] of rules) rows.push('f', flag, rule, variation);
  for (const [experiment, variation] of forced ?? []) rows.push('v', experiment, variation);
  for (const experiment in remembered) rows.push('h', experiment, remembered[experiment]?.variation_id);
  return rows;
}

/** @param {readonly string[]} a @param {readonly string[]} b */
export function areSame(a, b) {
  return a.length === b.length && (a === b || a.every((text, i) => text === b[i]));
}

/** Texts, each behind its length. @param {readonly unknown[]} texts */
export function joined(texts) {
  return texts.map(String).map((text) => `${text.length}:${text}`).join('');
}
