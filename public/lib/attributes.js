/** A visitor's attributes as they stand in an address. */

/** @typedef {Record<string, string | number | boolean | null>} Attributes */

/**
 * @param {string | null} text JSON
 * @returns {Attributes} without what cannot be edited; {} when it is none
 */
export function attributesIn(text) {
  try {
    const entries = Object.entries(JSON.parse(text ?? '{}'));
    return Object.fromEntries(entries.filter(([, value]) => value === null || ['string', 'number', 'boolean'].includes(typeof value)));
  } catch {
    return {};
  }
}

/** @param {Record<string, unknown>} attributes @returns {string} '' for none */
export function attributesText(attributes) {
  return Object.keys(attributes).length ? JSON.stringify(attributes) : '';
}

/** What the store says of every visitor. @returns {Attributes} */
export function usualAttributes() {
  return { device: matchMedia('(pointer: coarse)').matches ? 'phone' : 'desktop' };
}
