/**
 * Who a decision is for.
 *
 * @typedef {object} User
 * @property {string} id
 * @property {Record<string, unknown> | null | undefined} attributes
 * @property {boolean} [isOfContext] an attribute without a value is no error, but as good as null; and attributes that were decided with never
 *   change
 * @property {Slots} [slots] of a context: by which their attributes were written to the ring
 * @property {number} [at] where that was, in all that was ever written to rings; 0 for nowhere
 * @property {number} [unasked] attributes that need not be written, as bits by their slots modulo 32. Set for one decision
 * @property {Special} [special]
 *
 * @typedef {object} Special what few users have
 * @property {User} [whose] who of a context this is, without what follows
 * @property {readonly string[] | null} [segments] that qualify the user
 * @property {Map<string, Map<string, string>>} [decisions] that the application forces: keys of variations by those of flags and rules, or NO_RULE
 * @property {Map<string, string>} [forced] that the application forces: ids of variations by ids of experiments
 * @property {Record<string, {variation_id: string}>} [remembered] what the user had before, by ids of experiments
 *
 * @typedef {import('./slots.js').Slots} Slots of one project's attributes
 */

/**
 * All users are made here, since their members are read sooner when all are objects of one shape.
 * @template {User['attributes']} A
 * @param {string} id
 * @param {A} attributes
 * @param {boolean} [isOfContext]
 * @param {Special} [special]
 * @returns {User & {attributes: A}}
 */
export function toUser(id, attributes, isOfContext, special) {
  return { id, attributes, isOfContext, special, slots: undefined, at: 0, unasked: 0 };
}
