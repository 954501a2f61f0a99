/**
 * Runs a task while no other page of this origin runs one of the same name. On plain http, where there are no locks, and outside
 * a page it runs at once.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export async function exclusively(name, task) {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(name, task) : task();
}
