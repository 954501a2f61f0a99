/**
 * Runs a task while no other page of this origin runs one of the same name. On plain http, where there are no locks, in a browser
 * that denies them with all storage, and outside a page it runs at once.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export async function exclusively(name, task) {
  let begun = false;
  try {
    return await globalThis.navigator.locks.request(name, () => {
      begun = true;
      return task();
    });
  } catch (error) {
    if (begun) throw error;
    return task();
  }
}
