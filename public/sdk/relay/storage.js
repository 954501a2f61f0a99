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
      const stored = localStorage.getItem(this.#key);
      const end = stored?.indexOf('\n') ?? -1;
      return stored && end > 0 ? { hash: stored.slice(0, end), datafile: stored.slice(end + 1) } : undefined;
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
      localStorage.setItem(this.#key, `${hash}\n${datafile}`);
    } catch {
      this.forget(); // rather none than an old one
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Storage is refused altogether: there is nothing to forget.
    }
  }
}
