/** A line of traffic to look at: which part of 0 to 9999 belongs to whom. */

import { isolated } from './bidi.js';
import { BUCKETS } from './datafile.js';
import { formatCount } from './figures.js';

/**
 * @typedef {object} TrafficLine
 * @property {TrafficRange[]} ranges in order, without gaps
 * @property {number} bucket where the visitor is, 0 to 9999
 * @property {number} hash what the bucket was made of
 * @property {[string, string]} hashed what the hash is of, one after the other: the visitor's id, the id of the rule or group
 *
 * @typedef {object} TrafficRange
 * @property {number} from the first bucket
 * @property {number} to the bucket after the last one
 * @property {string} name whose it is, '' when it is nobody's
 * @property {boolean} holds it holds the visitor's bucket
 */

/**
 * @param {{entityId: string, endOfRange: number}[] | undefined} allocation in the datafile's order
 * @param {{id: string, key: string}[] | undefined} entities that it names
 * @param {{bucket: number, hash: number}} place
 * @param {[string, string]} hashed
 * @returns {TrafficLine}
 */
export function trafficLineOf(allocation, entities, { bucket, hash }, hashed) {
  const names = new Map(entities?.map(({ id, key }) => [id, key]));
  const ranges = [];
  let from = 0;
  for (const { entityId, endOfRange } of [...(allocation ?? []), { entityId: '', endOfRange: BUCKETS }]) {
    const to = Math.min(endOfRange, BUCKETS);
    if (to <= from) continue; // an earlier range has it all
    const name = entityId ? names.get(entityId) ?? `id ${entityId}` : '';
    ranges.push({ from, to, name, holds: bucket >= from && bucket < to });
    from = to;
  }
  return { ranges, bucket, hash, hashed };
}

/** @param {TrafficRange} range @returns {string} such as "price 0 to 4,999" */
export function describeRange({ from, to, name }) {
  return `${isolated(name) || 'nobody'} ${formatCount(from)} to ${formatCount(to - 1)}`;
}

/** @param {TrafficLine} line @returns {string} such as "Bucket 4,210 falls to price" */
export function describePlace({ ranges, bucket }) {
  return `Bucket ${formatCount(bucket)} falls to ${ranges.find(({ holds }) => holds)?.name || 'nobody'}`;
}
