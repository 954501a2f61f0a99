/** Checks of what applications pass in; each gives the error to report, or undefined when all is well. */

import { OptimizelyError } from './message.js';

/**
 * A user id is any string, the empty one too, but for the text `undefined`, which is a mistake in the making.
 * @param {unknown} userId
 * @returns {userId is string}
 */
export function isUserId(userId) {
  return typeof userId === 'string' && userId !== 'undefined';
}

/** @param {unknown} key of anything in the datafile @returns {key is string} */
export function isKey(key) {
  return typeof key === 'string' && key !== '';
}

/**
 * @param {unknown} userId
 * @param {Record<string, unknown>} keys by what messages call them
 * @param {unknown} [attributes]
 * @returns {OptimizelyError | undefined} of the first that is wrong
 */
export function inputsError(userId, keys, attributes) {
  if (!isUserId(userId)) return new OptimizelyError('Provided %s is in an invalid format.', 'user_id');
  const name = Object.keys(keys).find((key) => !isKey(keys[key]));
  if (name !== undefined) return new OptimizelyError('Provided %s is in an invalid format.', name);
  return attributesError(attributes);
}

/**
 * inputsError for a decision, as far as the engine does not look itself: it finds attributes without a value.
 * @param {unknown} userId
 * @param {string} name
 * @param {unknown} key
 * @param {unknown} attributes
 */
export function decisionError(userId, name, key, attributes) {
  if (!isUserId(userId)) return new OptimizelyError('Provided %s is in an invalid format.', 'user_id');
  if (!isKey(key)) return new OptimizelyError('Provided %s is in an invalid format.', name);
  return formError(attributes);
}

/**
 * The same for a conversion.
 * @param {unknown} userId
 * @param {unknown} key
 * @param {unknown} attributes
 * @param {unknown} tags
 * @param {unknown} type of the event; without one the engine looks at nothing
 */
export function conversionError(userId, key, attributes, tags, type) {
  const mistake = tagsError(tags);
  return decisionError(userId, 'event_key', key, attributes) ?? (mistake || !type ? attributesError(attributes) ?? mistake : undefined);
}

/** attributesError without looking for one that has no value, which the engine does. @param {unknown} attributes */
export function formError(attributes) {
  return attributes && !isObject(attributes) ? new OptimizelyError('Provided attributes are in an invalid format.') : undefined;
}

/** @param {any} attributes */
export function attributesError(attributes) {
  const mistake = formError(attributes);
  if (mistake) return mistake;
  for (const key in attributes) {
    if (attributes[key] === undefined && Object.hasOwn(attributes, key)) return new OptimizelyError('Provided attribute: %s has an undefined value.', key);
  }
  return undefined;
}

/** @param {unknown} tags */
function tagsError(tags) {
  if (!tags || isObject(tags)) return undefined;
  return new OptimizelyError('Provided event tags are in an invalid format.');
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {string} what the object is called in messages
 * @param {any} object
 * @param {string[]} methods
 * @throws {Error} that names the methods it lacks
 */
export function checkMethods(what, object, methods) {
  if (typeof object !== 'object') throw new Error(`Invalid ${what}`);
  const missing = methods.filter((method) => typeof object[method] !== 'function');
  if (missing.length > 0) throw new Error(missing.map((method) => `Invalid ${what} method ${method}`).join(', '));
}
