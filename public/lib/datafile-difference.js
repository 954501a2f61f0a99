/** The difference between two datafiles in words, for people who run the experiment rather than read JSON. */

/**
 * The parts of a datafile (version 2 to 4) that are compared.
 * @typedef {object} Datafile
 * @property {string} [revision]
 * @property {Experiment[]} [experiments]
 * @property {{experiments?: Experiment[]}[]} [groups]
 * @property {{id: string, key: string}[]} [events]
 * @property {{id: string, name?: string, conditions?: unknown}[]} [audiences]
 * @property {{id: string, name?: string, conditions?: unknown}[]} [typedAudiences]
 */

/**
 * @typedef {object} Experiment
 * @property {string} id
 * @property {string} key
 * @property {string} [status]
 * @property {{id: string, key: string}[]} [variations]
 * @property {{entityId: string, endOfRange: number}[]} [trafficAllocation]
 * @property {string[]} [audienceIds]
 * @property {unknown} [audienceConditions]
 * @property {Record<string, string>} [forcedVariations]
 */

const BUCKETS = 10_000;
const MOST_LINES = 6;

/**
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {string[]} one sentence part a change, such as "item-sort traffic 50/50 to 80/20"; at most six, the last of
 *   which then counts the rest
 */
export function describeDifference(before, after) {
  const lines = [
    ...compareByKey('experiment', experiments(before), experiments(after), compareExperiments),
    ...compareByKey('event', byKey(before.events), byKey(after.events), () => []),
    ...compareByKey('audience', audiences(before), audiences(after), compareAudiences),
  ];
  if (lines.length === 0) return ['nothing that changes a decision'];
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES - 1), `${lines.length - MOST_LINES + 1} more changes`];
}

/**
 * @param {Datafile} before
 * @param {Datafile} after
 * @returns {string} such as "Revision 41 → 42"; an edit by hand often keeps the revision
 */
export function describeRevision({ revision: from }, { revision: to }) {
  return from === to ? `Revision ${to}, edited` : `Revision ${from} → ${to}`;
}

/**
 * @param {Datafile} datafile
 * @param {string} key
 * @returns {boolean} whether it has an experiment of that key, in a group or alone
 */
export function hasExperiment(datafile, key) {
  return experiments(datafile).has(key);
}

/**
 * @template T
 * @param {string} noun
 * @param {Map<string, T>} before
 * @param {Map<string, T>} after
 * @param {(key: string, before: T, after: T) => string[]} compare
 * @returns {string[]}
 */
function compareByKey(noun, before, after, compare) {
  const lines = [];
  for (const [key, value] of after) {
    const earlier = before.get(key);
    if (earlier === undefined) lines.push(`${noun} ${key} added`);
    else lines.push(...compare(key, earlier, value));
  }
  for (const key of before.keys()) {
    if (!after.has(key)) lines.push(`${noun} ${key} removed`);
  }
  return lines;
}

/**
 * @param {string} key
 * @param {Experiment} before
 * @param {Experiment} after
 * @returns {string[]}
 */
function compareExperiments(key, before, after) {
  const lines = [];
  if (before.status !== after.status) lines.push(`${key} ${inWords(before.status)} to ${inWords(after.status)}`);
  lines.push(...compareByKey(`${key} variation`, byKey(before.variations), byKey(after.variations), () => []));
  const [from, to] = [traffic(before), traffic(after)];
  if (from !== to) lines.push(`${key} traffic ${from} to ${to}`);
  else if (differs(before.trafficAllocation, after.trafficAllocation)) lines.push(`${key} traffic ranges moved`);
  if (differs(before.audienceConditions ?? before.audienceIds, after.audienceConditions ?? after.audienceIds)) {
    lines.push(`${key} audience changed`);
  }
  if (differs(before.forcedVariations ?? {}, after.forcedVariations ?? {})) lines.push(`${key} whitelist changed`);
  return lines;
}

/**
 * @param {string} name
 * @param {{conditions?: unknown}} before
 * @param {{conditions?: unknown}} after
 */
function compareAudiences(name, before, after) {
  return differs(before.conditions, after.conditions) ? [`audience ${name} changed`] : [];
}

/**
 * Each variation's share in per cent, in the order of variations, such as "80/20"; what reaches none follows as
 * "40/40, 20 left out".
 * @param {Experiment} experiment
 * @returns {string}
 */
export function traffic({ variations = [], trafficAllocation = [] }) {
  const shares = new Map(variations.map(({ id }) => [id, 0]));
  let start = 0;
  for (const { entityId, endOfRange } of trafficAllocation) {
    if (shares.has(entityId)) shares.set(entityId, (shares.get(entityId) ?? 0) + endOfRange - start);
    start = endOfRange;
  }
  const parts = [...shares.values()];
  const rest = BUCKETS - parts.reduce((sum, share) => sum + share, 0);
  const written = parts.map(percent).join('/') || 'none';
  return rest > 0 ? `${written}, ${percent(rest)} left out` : written;
}

/** @param {number} buckets */
function percent(buckets) {
  return String(Math.round((buckets / BUCKETS) * 1000) / 10);
}

/** @param {string | undefined} status */
function inWords(status) {
  return (status ?? 'no status').toLowerCase();
}

/** @param {Datafile} datafile */
function experiments({ experiments = [], groups = [] }) {
  return byKey([...experiments, ...groups.flatMap((group) => group.experiments ?? [])]);
}

/** @param {Datafile} datafile typed audiences stand for untyped ones of the same id, as in the engine */
function audiences({ audiences = [], typedAudiences = [] }) {
  return new Map([...audiences, ...typedAudiences].map((audience) => [audience.name ?? audience.id, audience]));
}

/**
 * @template {{key: string}} T
 * @param {T[] | undefined} list
 * @returns {Map<string, T>}
 */
function byKey(list = []) {
  return new Map(list.map((entry) => [entry.key, entry]));
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
function differs(a, b) {
  return JSON.stringify(a) !== JSON.stringify(b);
}
