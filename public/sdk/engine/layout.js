/**
 * Where everything lies in a frame (frame.js), in its records and in the table of attributes, in bytes; the slots of records that are
 * no attribute's; and the options of calls. They are constants of a module, not members of an object, so that bundlers put in the numbers.
 */

export const frameUserLength = 0;
export const frameBucketingLength = 4;
export const frameSpecialLength = 8;
export const frameTextElsewhere = 12;
export const frameTexts = 16;
export const noBucketingID = -1;
export const withUser = 1;
export const withReasons = 2;
export const withProfile = 4;
export const valueSize = 40;
export const valueKind = 0;
export const valueNumber = 8;
export const valueText = 16;
export const valueTextLength = 24;
export const valueKey = 32;
export const valueTextRoom = 32;
