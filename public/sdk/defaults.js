/** What holds where an application says nothing else. A module without imports has its numbers put in by bundlers. */

/** Milliseconds that onReady waits. */
export const READY_TIMEOUT_MS = 30_000;

/** Events that share a request at most. */
export const BATCH_SIZE = 10;

/** Milliseconds that an event waits for others at most, in a page and elsewhere. */
export const PAGE_FLUSH_INTERVAL_MS = 1000;
export const FLUSH_INTERVAL_MS = 30_000;

/** Milliseconds from one look for a newer datafile to the next, below which the log warns. */
export const SHORT_INTERVAL_MS = 30_000;
