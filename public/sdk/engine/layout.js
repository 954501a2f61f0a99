/**
 * Numbers that Go and JavaScript agree on; wasm/frame.go and wasm/ring.go tell of the first four groups. They are constants of a module
 * without imports, not members of an object, so that bundlers put in the numbers.
 */

// Where everything lies in a frame (frame.js), in bytes.
export const frameLength = 0;
export const frameTexts = 16;

// The options of calls.
export const withReasons = 1;
export const withProfile = 2;
export const goesOn = 4;

// Where everything lies in a user (ring.js), in bytes.
export const userIDLength = 0;
export const userBucketingLength = 4;
export const userAttributes = 8;
export const userTexts = 12;
export const noBucketingID = -1;
export const asBefore = -1;

// What an attribute is; of a text, its length.
export const isNull = -1;
export const isFalse = -2;
export const isTrue = -3;
export const isNumber = -4;
export const isOther = -5;

/** The largest magnitude of a number that counts: audience.MaxNumber. */
export const maxNumber = 2 ** 53;

// What decide leaves of a flag: how many integers, and two of the sources.
export const answerWords = 4;
export const sourceRollout = 1;
export const sourceHoldout = 2;
