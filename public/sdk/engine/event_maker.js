import { AttributeError } from './errors.js';
import { NewEvent } from './event.js';
import { maxNumber } from './layout.js';
import { hasOwnProperty } from './own.js';
import { nextUUID } from './uuid.js';

/**
 * @typedef {import('./event.js').Attribute} Attribute
 * @typedef {import('./event.js').Visitor} Visitor
 * @typedef {import('./user.js').User} User
 * @typedef {Record<string, unknown>} Tags
 * @typedef {{decision: {metadata: object} | undefined, event: Record<string, unknown>, attributes: Attribute[]}} Blank an event that tells of
 *   nobody, its parts at hand: a conversion has no decision
 */

/** By a name of its own, since the minifier writes `x|0` for Math.trunc(x), which is another number past 2 ** 31. */
const { trunc } = Math;

/**
 * Makes the events of one project. The engine writes what is the same in all events of a decision or a conversion, once, as the event
 * of nobody; each event is a copy of it that tells who, when, and with which tags. Nothing in it is the application's, which may
 * change its own objects later.
 */
export class EventMaker {
  #origin;
  #slots;
  #entityIds;

  /**
   * @param {import('./event.js').Origin} origin
   * @param {import('./slots.js').Slots} slots of attributes
   * @param {string[]} entityIds by slot; '' for an attribute that is not sent
   */
  constructor(origin, slots, entityIds) {
    this.#origin = origin;
    this.#slots = slots;
    this.#entityIds = entityIds;
  }

  /**
   * @param {Blank} blank that tells the same
   * @param {User} user
   */
  impression({ decision, event, attributes }, user) {
    const timestamp = Date.now();
    const uuid = nextUUID();
    return new NewEvent(this.#origin, uuid, {
      snapshots: [{ decisions: [{ ...decision, metadata: { ...decision?.metadata } }], events: [{ ...event, timestamp, uuid }] }],
      visitor_id: user.id,
      attributes: this.#attributes(user, attributes),
    });
  }

  /**
   * @param {Blank} blank that tells the same
   * @param {User} user
   * @param {Tags} [tags] lose those without a value, as officially
   */
  conversion({ event: { entity_id, key }, attributes: everybodys }, user, tags) {
    const attributes = this.#attributes(user, everybodys); // first, since tags stay as they are when it throws
    const timestamp = Date.now();
    const uuid = nextUUID();
    // A spread takes a microsecond to add members to.
    return new NewEvent(this.#origin, uuid, {
      snapshots: [{ events: [tags ? tagged(entity_id, key, timestamp, uuid, tags) : { entity_id, key, timestamp, uuid }] }],
      visitor_id: user.id,
      attributes,
    });
  }

  /**
   * A user's attributes, as far as events carry them, and those of nobody, which everybody has. Throws an AttributeError when any
   * has no value, unless that may be.
   * @param {User} user
   * @param {Attribute[]} everybodys
   */
  #attributes({ attributes, isOfContext }, everybodys) {
    const sent = [];
    let place = 0;
    for (const key in attributes) {
      if (!hasOwnProperty.call(attributes, key)) break;
      const value = attributes[key];
      if (value === undefined && !isOfContext) throw new AttributeError(key);
      const slot = this.#slots.find(key, place++);
      // One that the datafile does not know is sent when it is Optimizely's own.
      const id = slot >= 0 ? this.#entityIds[slot] : key.startsWith('$opt_') ? key : '';
      if (id !== '' && isSent(value)) sent.push({ entity_id: id, key, type: 'custom', value });
    }
    for (const { entity_id, key, type, value } of everybodys) sent.push({ entity_id, key, type, value });
    return sent;
  }
}

/** @param {Visitor} visitor an event as the engine writes it @returns {Blank} */
export function toBlank({ snapshots: { 0: { decisions, events } }, attributes }) {
  return { decision: decisions?.[0], event: events[0], attributes };
}

/** @param {unknown} value */
function isSent(value) {
  return isScalar(value) && (typeof value !== 'number' || Math.abs(value) <= maxNumber);
}

/**
 * An event with its tags, and beside them the value and the revenue that are among them, if they are numbers as officially: text is
 * parsed, anything else what JavaScript makes of it where it wants a number.
 * @param {unknown} entity_id
 * @param {unknown} key
 * @param {number} timestamp
 * @param {string} uuid
 * @param {any} tags
 */
function tagged(entity_id, key, timestamp, uuid, tags) {
  /** @type {Record<string, any> & {timestamp: number}} */
  const event = { entity_id, key, timestamp, uuid, tags: copyOf(tags) };
  const { value, revenue } = tags;
  const amount = typeof value === 'string' ? parseFloat(value) : value;
  if (amount !== null && isFinite(amount)) event.value = typeof value === 'string' ? amount : event.tags.value;
  const cents = typeof revenue === 'string' ? parseInt(revenue) : trunc(revenue); // of any radix
  if (revenue !== null && isFinite(cents)) event.revenue = cents;
  return event;
}

/** Tags as JSON has them, but for those that it cannot say. Those without a value are removed from the application's own object. @param {Tags} tags */
function copyOf(tags) {
  let isFlat = true;
  for (const key in tags) {
    const value = tags[key];
    if (isScalar(value) || !Object.hasOwn(tags, key)) continue;
    if (value === null || value === undefined) delete tags[key];
    else isFlat = false;
  }
  const copy = { ...tags };
  return isFlat ? copy : JSON.parse(JSON.stringify(copy, (_, value) => (typeof value === 'bigint' ? undefined : value)));
}

/** @param {unknown} value */
function isScalar(value) {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
