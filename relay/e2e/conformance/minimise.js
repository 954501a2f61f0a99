/**
 * Takes parts out of a value while it still fails: list items and properties, first many at once, then one by one.
 * @template T
 * @param {T} value plain data
 * @param {(smaller: T) => Promise<boolean>} fails
 * @param {Set<string>} needed properties that are not taken, since what lacks them is something else
 * @param {number} [patience] how many tries
 * @returns {Promise<T>} from which nothing can be taken
 */
export async function minimise(value, fails, needed, patience = 3000) {
  const search = new Search(value, fails, needed, patience);
  while (await search.pass());
  return search.value;
}

/** @typedef {(string | number)[]} Path */

class Search {
  value;
  #fails;
  #needed;
  #patience;

  /** @param {any} value @param {(smaller: any) => Promise<boolean>} fails @param {Set<string>} needed @param {number} patience */
  constructor(value, fails, needed, patience) {
    this.value = value;
    this.#fails = fails;
    this.#needed = needed;
    this.#patience = patience;
  }

  /** Tries every part once, the largest first. @returns {Promise<boolean>} whether something could be taken */
  async pass() {
    let smaller = false;
    /** @type {Path[]} */
    const left = [[]];
    while (left.length > 0) {
      const path = /** @type {Path} */ (left.shift());
      const part = at(this.value, path);
      if (typeof part !== 'object' || part === null) continue;
      if (await this.#thin(path)) smaller = true;
      left.push(...Object.keys(at(this.value, path)).map((key) => [...path, Array.isArray(part) ? Number(key) : key]));
    }
    return smaller;
  }

  /** Takes halves, quarters, ... single items out of the list or object there. @param {Path} path */
  async #thin(path) {
    let smaller = false;
    for (let size = Math.ceil(Object.keys(at(this.value, path)).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let start = 0; start < Object.keys(at(this.value, path)).length;) {
        const candidate = without(this.value, path, start, size, this.#needed);
        if (candidate && (await this.#try(candidate))) smaller = true;
        else start += size;
      }
    }
    return smaller;
  }

  /** @param {any} candidate */
  async #try(candidate) {
    if (this.#patience-- <= 0 || !(await this.#fails(candidate))) return false;
    this.value = candidate;
    return true;
  }
}

/** @param {any} value @param {Path} path */
function at(value, path) {
  return path.reduce((inner, key) => inner?.[key], value);
}

/**
 * @param {any} value
 * @param {Path} path to a list or object
 * @param {number} start
 * @param {number} size
 * @param {Set<string>} needed
 * @returns {any} a copy without that many of its items; undefined when some of them are needed
 */
function without(value, [key, ...rest], start, size, needed) {
  if (key === undefined) return Array.isArray(value) ? value.filter((_, index) => index < start || index >= start + size) : withoutProperties(value, start, size, needed);
  const inner = without(value[key], rest, start, size, needed);
  if (inner === undefined) return undefined;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = inner;
  return copy;
}

/** @param {object} value @param {number} start @param {number} size @param {Set<string>} needed */
function withoutProperties(value, start, size, needed) {
  const entries = Object.entries(value);
  const taken = entries.slice(start, start + size).filter(([key]) => !needed.has(key));
  if (taken.length === 0) return undefined;
  return Object.fromEntries(entries.filter((entry) => !taken.includes(entry)));
}
