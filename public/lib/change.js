/** One change between two datafiles, and how lists of things are compared. */

/**
 * @typedef {object} Change
 * @property {number} rank one of rank.js: the smaller, the more it matters
 * @property {string} text such as "item-sort traffic 50/50 to 80/20"
 */

const LONGEST_NAME = 40;

/**
 * @template T
 * @typedef {{added: T[], removed: T[], kept: [T, T][]}} Pairs kept ones as they were and as they are
 */

/**
 * Things are the same when their ids are, and else when their names are: someone made them anew.
 * @template {{id: string, key?: string, name?: string}} T
 * @param {readonly T[] | undefined} before
 * @param {readonly T[] | undefined} after
 * @returns {Pairs<T>}
 */
export function pair(before = [], after = []) {
  const gone = new Map(before.map((thing) => [thing.id, thing]));
  /** @type {Pairs<T>} */
  const { added, kept } = { added: [], removed: [], kept: [] };
  const take = (/** @type {T | undefined} */ earlier, /** @type {T} */ thing) => {
    if (!earlier) return added.push(thing);
    gone.delete(earlier.id);
    return kept.push([earlier, thing]);
  };
  const known = new Set(gone.keys());
  const fresh = after.filter((thing) => !known.has(thing.id));
  for (const thing of after) if (known.has(thing.id)) take(gone.get(thing.id), thing);
  for (const thing of fresh) take([...gone.values()].find((each) => nameOf(each) === nameOf(thing)), thing);
  return { added, removed: [...gone.values()], kept };
}

/**
 * @template {{id: string, key?: string, name?: string}} T
 * @param {string} noun such as "event", or "item-sort variation"
 * @param {number} rank
 * @param {readonly T[] | undefined} before
 * @param {readonly T[] | undefined} after
 * @param {(before: T, after: T) => Change[]} [compare] those that stayed
 * @returns {Change[]} what came, went, or changed its name or id, and what `compare` finds
 */
export function compareLists(noun, rank, before, after, compare = () => []) {
  const { added, removed, kept } = pair(before, after);
  return [
    ...added.map((thing) => ({ rank, text: `${noun} ${nameOf(thing)} added` })),
    ...removed.map((thing) => ({ rank, text: `${noun} ${nameOf(thing)} removed` })),
    ...kept.flatMap(([earlier, thing]) => [...compareNames(noun, rank, earlier, thing), ...compare(earlier, thing)]),
  ];
}

/**
 * @param {string} noun
 * @param {number} rank
 * @param {{id: string, key?: string, name?: string}} before
 * @param {{id: string, key?: string, name?: string}} after
 * @returns {Change[]}
 */
function compareNames(noun, rank, before, after) {
  const [from, to] = [nameOf(before), nameOf(after)];
  if (before.id !== after.id) return [{ rank, text: `${noun} ${to} made anew` }];
  return from === to ? [] : [{ rank, text: `${noun} ${from} renamed to ${to}` }];
}

/**
 * @param {{id: string, key?: string, name?: string}} thing
 * @returns {string} what people call it, of a bearable length
 */
export function nameOf({ id, key, name }) {
  return short(key || name || id);
}

/**
 * @param {unknown} value
 * @returns {string} cut after forty characters
 */
export function short(value) {
  const characters = [...String(value)];
  return characters.length > LONGEST_NAME ? `${characters.slice(0, LONGEST_NAME - 1).join('')}…` : characters.join('');
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
export function differs(a, b) {
  return JSON.stringify(a) !== JSON.stringify(b);
}
