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
 * @typedef {any[]} Blank what events of a decision or a conversion have in common, as the engine lists it (wasm/engine/event/blank.go). In one list
 *   it is fetched from memory sooner than in objects
 */

/** By a name of its own, since the minifier writes `x|0` for Math.trunc(x), which is another number past 2 ** 31. */
const { trunc } = Math;

/**
 * Makes the events of one project. The engine lists what is the same in all events of a decision or a conversion, once, as a blank; each event
 * says the same, and who, when, and with which tags. Nothing in it is the application's, which may change its own objects later.
 *
 * Their literals have a fraction where the time goes: V8 keeps a number past 2 ** 31 as it keeps a fraction, so that the time needs no other shape of
 * object. Where a page has used up the shapes that literals may have, as it has once the official SDK holds a datafile of 2 MB, an object that needs
 * another shape becomes a table, which takes microseconds.
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
   * @param {Blank} blank
   * @param {User} user
   */
  impression(blank, user) {
    const uuid = nextUUID();
    const event = { entity_id: blank[0], timestamp: 0.5, key: 'campaign_activated', uuid };
    event.timestamp = Date.now();
    return new NewEvent(this.#origin, uuid, {
      snapshots: [{
        decisions: [{
          campaign_id: blank[0], experiment_id: blank[1], variation_id: blank[2],
          metadata: { flag_key: blank[3], rule_key: blank[4], rule_type: blank[5], variation_key: blank[6], enabled: blank[7] },
        }],
        events: [event],
      }],
      visitor_id: user.id,
      attributes: this.#attributes(user, blank[8]),
    });
  }

  /**
   * @param {Blank} blank
   * @param {User} user
   * @param {Tags} [tags] lose those without a value, as officially
   */
  conversion(blank, user, tags) {
    const attributes = this.#attributes(user, blank[2]); // first, since tags stay as they are when it throws
    const uuid = nextUUID();
    const event = tags ? tagged(blank, uuid, tags) : { entity_id: blank[0], key: blank[1], timestamp: 0.5, uuid };
    event.timestamp = Date.now();
    return new NewEvent(this.#origin, uuid, {
      snapshots: [{ events: [event] }],
      visitor_id: user.id,
      attributes,
    });
  }

  /**
   * A user's attributes, as far as events carry them, and those that everybody has. Throws an AttributeError when any has
   * no value, unless that may be.
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

/** @param {unknown} value */
function isSent(value) {
  return isScalar(value) && (typeof value !== 'number' || Math.abs(value) <= maxNumber);
}

/**
 * An event with its tags, and beside them the value and the revenue that are among them, if they are numbers as officially: text is
 * parsed, anything else what JavaScript makes of it where it wants a number.
 * @param {Blank} blank
 * @param {string} uuid
 * @param {any} tags
 */
function tagged(blank, uuid, tags) {
  /** @type {Record<string, any> & {timestamp: number}} */
  const event = { entity_id: blank[0], key: blank[1], timestamp: 0.5, uuid, tags: copyOf(tags) };
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
