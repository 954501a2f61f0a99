/** What holds where an application says nothing else. A module without imports has its numbers put in by bundlers. */

/** Milliseconds that onReady waits. */
export const READY_TIMEOUT_MS = 30_000;

/** Events that share a request at most. */
export const BATCH_SIZE = 10;
