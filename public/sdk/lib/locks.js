/** Longer than any one request may take: who keeps a lock for longer is frozen, and may keep it for as long as its tab is open. */
const PATIENCE_MS = 15_000;

/**
 * Runs a task while no other page of this origin runs one of the same name. On plain http, where there are no locks, in a browser
 * that denies them with all storage, and outside a page it runs at once. From a page that keeps the lock for too long it is taken,
 * and what that page was doing may go on beside the task.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export async function exclusively(name, task) {
  /** @type {Promise<T> | undefined} */
  let running;
  const run = () => (running ??= task());
  const hold = async (/** @type {LockOptions} */ options) => globalThis.navigator.locks.request(name, options, run);
  try {
    await hold({ signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    if (!running) await hold({ steal: true }).catch(() => {});
  }
  return run();
}
