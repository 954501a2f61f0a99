/**
 * @typedef {import('./play.js').Step} Step
 * @typedef {{area: string, call: string, index: number, official: string | undefined, ours: string | undefined}} Difference
 */

/**
 * Compares what two SDKs did in one scenario, call by call and area by area.
 * @param {Step[]} official
 * @param {Step[]} ours
 * @returns {{compared: Record<string, number>, differences: Difference[]}} compared: how many answers, by area
 */
export function compare(official, ours) {
  /** @type {Record<string, number>} */
  const compared = {};
  /** @type {Difference[]} */
  const differences = [];
  for (let index = 0; index < Math.max(official.length, ours.length); index++) {
    const [theirs, own] = [official[index]?.seen ?? {}, ours[index]?.seen ?? {}];
    for (const area of new Set([...Object.keys(theirs), ...Object.keys(own)])) {
      compared[area] = (compared[area] ?? 0) + 1;
      if (theirs[area] === own[area]) continue;
      differences.push({ area, call: (official[index] ?? ours[index]).call, index, official: theirs[area], ours: own[area] });
    }
  }
  return { compared, differences };
}
