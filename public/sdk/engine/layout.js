/**
 * Numbers that Go and JavaScript agree on; wasm/frame.go tells of the first three groups. They are constants of a module without imports,
 * not members of an object, so that bundlers put in the numbers.
 */

// Where everything lies in a frame (frame.js), in bytes.
export const frameUserLength = 0;
export const frameBucketingLength = 4;
export const frameSpecialLength = 8;
export const frameTextElsewhere = 12;
export const frameTexts = 16;
export const noBucketingID = -1;
export const asBefore = -1;

// The options of calls.
export const withUser = 1;
export const withReasons = 2;
export const withProfile = 4;
export const goesOn = 8;

// The table of attributes, in bytes.
export const valueSize = 40;
export const valueKind = 0;
export const valueNumber = 8;
export const valueText = 16;
export const valueTextLength = 24;
export const valueKey = 32;
export const valueTextRoom = 32;

/** The largest magnitude of a number that counts: audience.MaxNumber. */
export const maxNumber = 2 ** 53;

// The kinds of values: audience.Kind.
export const kindAbsent = 0;
export const kindNull = 1;
export const kindBoolean = 2;
export const kindNumber = 3;
export const kindText = 4;
export const kindOther = 5;

// What decide leaves of a flag: how many integers, and two of the sources.
export const answerWords = 4;
export const sourceRollout = 1;
export const sourceHoldout = 2;
