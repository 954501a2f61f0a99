/** A visitor's attributes as they stand in an address. */

/** @typedef {Record<string, string | number | boolean | null>} Attributes */

/**
 * @param {string | null} text JSON
 * @returns {Attributes | undefined} without what cannot be edited; undefined when it is none
 */
export function attributesIn(text) {
  try {
    const value = JSON.parse(text ?? '');
    if (Object(value) !== value || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value).filter(([, each]) => each === null || ['string', 'number', 'boolean'].includes(typeof each)));
  } catch {
    return undefined;
  }
}

/** @param {string} search of an address @returns {string} which of its attributes could not be read, in one sentence; '' for none */
export function unreadIn(search) {
  const text = new URLSearchParams(search).get('attributes');
  const read = attributesIn(text);
  if (!text) return '';
  if (!read) return 'The attributes in this link could not be read: these are the usual ones.';
  return Object.keys(read).length < Object.keys(JSON.parse(text)).length ? 'Some attributes in this link could not be read, and are left out.' : '';
}

/** @param {Record<string, unknown>} attributes @returns {string} '' for none */
export function attributesText(attributes) {
  return Object.keys(attributes).length ? JSON.stringify(attributes) : '';
}

/** What the store says of every visitor. @returns {Attributes} */
export function usualAttributes() {
  return { device: matchMedia('(pointer: coarse)').matches ? 'phone' : 'desktop' };
}
