/**
 * Where everything lies in a frame (frame.js) and in the table of attributes, in bytes; the options of calls; the kinds of values, which
 * are those of audience.Kind in Go; audience.MaxNumber, the largest magnitude of a number that counts; and in what decide leaves of a flag,
 * the integers and two of the sources; how many users make a text that is quick to join. They are constants of a module without imports, not
 * members of an object, so that bundlers put in the numbers.
 */

export const frameUserLength = 0;
export const frameBucketingLength = 4;
export const frameSpecialLength = 8;
export const frameTextElsewhere = 12;
export const frameTexts = 16;
export const noBucketingID = -1;
export const asBefore = -1;
export const withUser = 1;
export const withReasons = 2;
export const withProfile = 4;
export const goesOn = 8;
export const valueSize = 40;
export const valueKind = 0;
export const valueNumber = 8;
export const valueText = 16;
export const valueTextLength = 24;
export const valueKey = 32;
export const valueTextRoom = 32;
export const maxNumber = 2 ** 53;
export const kindAbsent = 0;
export const kindNull = 1;
export const kindBoolean = 2;
export const kindNumber = 3;
export const kindText = 4;
export const kindOther = 5;
export const answerWords = 4;
export const sourceRollout = 1;
export const sourceHoldout = 2;
export const usersAtOnce = 2048;
