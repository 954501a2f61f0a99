/**
 * The last good datafile, kept for the next visit. A browser may refuse storage, run out of it, or lose it; then there is
 * simply none.
 */
export class DatafileStorage {
  #key;

  /**
   * @param {string} relayUrl
   * @param {string} sdkKey
   */
  constructor(relayUrl, sdkKey) {
    this.#key = `sortition-datafile:${relayUrl}:${sdkKey}`;
  }

  /** @returns {{hash: string, datafile: string} | undefined} */
  load() {
    try {
      const stored = localStorage.getItem(this.#key) ?? '';
      const end = stored.indexOf('\n');
      return end > 0 ? { hash: stored.slice(0, end), datafile: stored.slice(end + 1) } : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} hash
   * @param {string} datafile
   */
  save(hash, datafile) {
    try {
      localStorage.removeItem(this.#key); // rather none than an old one, should there be no room for this one
      localStorage.setItem(this.#key, `${hash}\n${datafile}`);
    } catch {
      // Storage is refused or full.
    }
  }
}
