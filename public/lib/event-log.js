/** The last events of this browser's pages, each with what became of it. */

import { isolated } from './bidi.js';
import { kindOf } from './event-wire.js';

/**
 * @typedef {'queued' | 'sent' | 'safe' | 'duplicate' | 'refused'} Status
 *
 * @typedef {object} Entry
 * @property {string} uuid
 * @property {string} page whose it is
 * @property {string} kind impression, conversion or datafile
 * @property {Status | 'news'} status news is what has no way to go
 * @property {number} time milliseconds since 1970: when it was first heard of
 * @property {string} words what it says, '' until it was sent
 * @property {string} [error] why it waits again, or was refused
 * @property {object} [payload] as it was sent
 */

/** So many are kept; older ones go. */
export const MOST_ENTRIES = 500;

export class EventLog {
  /** The oldest first. @type {Map<string, Entry>} */
  #entries = new Map();
  #news = 0;

  /** @param {Pick<import('./event-wire.js').News, 'page' | 'event' | 'sent'>} news @param {number} time */
  hear({ page, event, sent = [] }, time) {
    if (event) {
      const { uuid, kind, status, error } = event;
      Object.assign(this.#entry(uuid, page, time), { kind, status, error });
    }
    for (const { uuid, payload } of sent) {
      const entry = this.#entry(uuid, page, time);
      const status = entry.status === 'queued' ? 'sent' : entry.status; // a page tells of no steps of an event that an earlier one left
      Object.assign(entry, { payload, words: describe(payload), kind: kindOf(/** @type {any} */ (payload).visitors[0]), status });
    }
  }

  /** What happened that is no event. @param {string} words @param {number} time */
  note(words, time) {
    Object.assign(this.#entry(`news ${this.#news++}`, '', time), { kind: 'datafile', status: 'news', words });
  }

  clear() {
    this.#entries.clear();
  }

  /** @param {string} uuid */
  find(uuid) {
    return this.#entries.get(uuid);
  }

  /** @param {string} kind '' for every kind @returns {Entry[]} the newest first */
  entries(kind) {
    return [...this.#entries.values()].filter((entry) => !kind || entry.kind === kind || (kind === 'problem' && entry.error !== undefined)).reverse();
  }

  /** @param {string} uuid @param {string} page @param {number} time */
  #entry(uuid, page, time) {
    const known = this.#entries.get(uuid);
    if (known) return known;
    /** @type {Entry} */
    const entry = { uuid, page, kind: 'impression', status: 'queued', time, words: '' };
    this.#entries.set(uuid, entry);
    if (this.#entries.size > MOST_ENTRIES) this.#entries.delete(this.#entries.keys().next().value ?? '');
    return entry;
  }
}

/** @param {any} payload of one event @returns {string} such as "Matt saw price of item-sort" */
function describe({ visitors: [{ visitor_id: visitor, snapshots: [{ decisions, events: [event] }] }] }) {
  const { rule_key: rule, variation_key: variation } = decisions?.[0]?.metadata ?? {};
  if (rule !== undefined) return `${isolated(visitor)} saw ${isolated(variation)} of ${isolated(rule)}`;
  const revenue = event.revenue === undefined ? '' : `, revenue ${event.revenue} cents`;
  return `${isolated(visitor)}: ${isolated(event.key)}${revenue}`;
}

/** @typedef {{waiting: number, dropped: number, retryAt?: number}} Queue how a page's queue stands */

/** Pages of one name send from one queue, and each tells what it knows of it: their numbers are no summands. */
const SHARED = 'Tabs of one page share a queue, and may count the same events.';

/**
 * @param {{page: string, queue: Queue}[]} told by each page
 * @param {number} now milliseconds since 1970
 * @returns {string[]} a line a page, numbered where several are called the same
 */
export function describeQueues(told, now) {
  const pages = [...new Set(told.map(({ page }) => page))];
  const lines = pages.flatMap((page) => {
    const tabs = told.filter((each) => each.page === page);
    return tabs.map(({ queue }, i) => `${page}${tabs.length > 1 ? ` ${i + 1}` : ''}: ${describeQueue(queue, now)}`);
  });
  return lines.length > pages.length ? [...lines, SHARED] : lines;
}

/** @param {Queue} queue @param {number} now @returns {string} such as "7 events waiting, retry in 4 s, 0 dropped" */
function describeQueue({ waiting, dropped, retryAt }, now) {
  const retry = retryAt === undefined ? '' : `, retry in ${Math.max(0, Math.ceil((retryAt - now) / 1000))} s`;
  return `${waiting} ${waiting === 1 ? 'event' : 'events'} waiting${retry}, ${dropped} dropped`;
}
