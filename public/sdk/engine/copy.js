/** Many copies of one object: what is nested in it is looked for once. */

/**
 * What is nested in an object to copy: of each such member its key, itself and what is nested in it. Before them the name of a member that
 * Object.assign takes for the prototype. It is undefined where Object.assign is all it takes.
 * @typedef {any[] | undefined} Nested
 */

/** A copy of an object or a list, however deep. @param {any} value @param {Nested} nested in it @returns {any} */
export function copyOf(value, nested) {
  if (!nested) return Object.assign({}, value);
  let at = nested.length % 3;
  const copy = Array.isArray(value) ? value.slice() : at ? { ...value } : Object.assign({}, value);
  for (; at < nested.length; at += 3) copy[nested[at]] = copyOf(nested[at + 1], nested[at + 2]); // even __proto__, which is there already
  return copy;
}

/** @param {object} value that JSON.parse made @returns {Nested} */
export function nestedIn(value) {
  /** @type {any[]} */
  const nested = Object.hasOwn(value, '__proto__') ? ['__proto__'] : [];
  for (const [key, member] of Object.entries(value)) {
    // Copies of what Object.fromEntries made are quicker than of what JSON.parse made.
    if (member && typeof member === 'object') nested.push(key, Array.isArray(member) ? member : Object.fromEntries(Object.entries(member)), nestedIn(member));
  }
  return nested.length || Array.isArray(value) ? nested : undefined;
}
