/**
 * Changes, the most important first: what moves visitors, then what may, then what only is told to someone. They are constants of a module
 * without imports, so that bundlers put in the numbers.
 */

export const STATUS = 0;
export const TRAFFIC = 1;
export const EXPERIMENT = 2;
export const VARIATION = 3;
export const AUDIENCE_OF = 4;
export const AUDIENCE = 5;
export const GROUP = 6;
export const FLAG = 7;
export const VARIABLE = 8;
export const WHITELIST = 9;
export const EVENT = 10;
export const ATTRIBUTE = 11;
export const PROJECT = 12;
export const DETAIL = 13;
