/** What no two clients agree on. */
const masked = new Set(['uuid', 'timestamp', 'client_name', 'client_version']);

/**
 * A value as text that differs whenever the value does: as JSON, but with all that JSON cannot tell apart. Properties keep
 * their order; those without a value are left out, as in JSON.
 * @param {unknown} value
 * @param {unknown[]} [above] the objects it is in
 * @returns {string}
 */
export function textOf(value, above = []) {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (above.includes(value)) return '(itself)';
  const within = [...above, value];
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, within)).join(',')}]`;
  if (value instanceof Date || value instanceof Number || value instanceof String) return `${value.constructor.name}(${value.valueOf()})`;
  const properties = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${properties.map(([key, inner]) => `${JSON.stringify(key)}:${masked.has(key) ? '(any)' : textOf(inner, within)}`).join(',')}}`;
}

/**
 * A copy of plain data; functions and objects of a class stay themselves.
 * @param {any} value
 * @returns {any}
 */
export function copyOf(value) {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}
