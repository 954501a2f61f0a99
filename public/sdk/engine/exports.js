/**
 * The exports of the engine's module, as wasm/exports.go defines them in the same order: functions over integers, their other
 * arguments in the frame (frame.js) and the ring (ring.js). An answer below zero is FAILED (-1), a panic that Go recovered from, or what the function
 * says of it. An answer that is a length has its bytes where the frame's first word then points.
 *
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {(size: number) => number} reserve makes room for a frame of that size and tells where it is
 * @property {(size: number) => number} users makes room for a ring of that size, a power of two, and tells where it is
 * @property {() => number} open takes a datafile as text and keeps that frame: reserve another one;
 *   the project's handle, or -2 - length of the reason why not
 * @property {(project: number) => number} close gives a project up; its handle may be given out again
 * @property {() => number} collect frees what closed projects leave, if it is worth it: for when there is nothing else to do; 0
 * @property {(project: number) => number} describe length of what the project is and has, but for its rules, as JSON
 * @property {(project: number) => number} rules length of its experiments and holdouts with their variations as JSON
 * @property {(project: number) => number} config length of its OptimizelyConfig, or why there is none, as JSON
 * @property {(project: number, rule: number, variation: number) => number} entity length of the JSON of a rule, or with NONE of a
 *   variation, or else of null, as notifications of activations show it
 * @property {(project: number) => number} envelope takes the client's name and version as text, a NUL between them; length of the
 *   JSON of a batch up to its visitors
 * @property {(project: number) => number} answers where decide leaves its answers
 * @property {(project: number) => number} special takes as text what few users have, see decision.User.ReadSpecial: of the users from here
 *   on; 0
 * @property {(project: number, experiment: number) => number} unasked the attributes that a decision of an experiment does not ask about, as
 *   bits by their slots modulo 32; 0, that is none, for an experiment that there is not
 * @property {(project: number, experiment: number, options: number, user: number) => number} getVariation takes a user's place; the
 *   variation's index
 * @property {(project: number, experiment: number, user: number) => number} getVariations takes ids of many users, and the place of one
 *   who is like them else; leaves the variations' indexes in the place of the ids' lengths; 0. A user must be told anew after it
 * @property {(project: number, flag: number, options: number, user: number) => number} decide takes a user's place; decides a flag, or
 *   with NONE every flag, and leaves four integers (int32) for each: four times the variation's index plus 2, or 0 for none, plus the
 *   source; the rule; the holdout that the user is in besides, and its variation; 0
 * @property {(project: number) => number} reasons length of the reasons of the last decision as pairs of numbers (int32): a sentence's, and
 *   the user's bucket where it tells of one
 * @property {(project: number, number: number) => number} sentence length of its texts around what differs from user to user, as a JSON
 *   list: one around nothing, two around their id, three around the bucket and the id
 * @property {(project: number) => number} steps length of the same as numbers (int32), STEP_SIZE for each step
 * @property {(project: number, isList: number) => number} truth takes conditions, or a list of audiences, as JSON text; whether the
 *   user of the last decision meets them: 0 false, 1 unknown, 2 true, FAILED when the text is no JSON
 * @property {(project: number) => number} remembered length of what the user's profile lacks as JSON, as profile services keep
 *   it; 0 for nothing
 * @property {(project: number, flag: number, rule: number, variation: number) => number} outcome length of what never changes about
 *   such a decision as JSON
 * @property {(project: number) => number} attributes length of a list, as JSON: the ids that events name attributes by, by slot, or ''
 * @property {(project: number, flag: number, rule: number, variation: number, source: number) => number} impression of an experiment
 *   alone, that is of no flag, or of what decide answered; length of what all impressions of it have in common, as a JSON list
 * @property {(project: number, event: number) => number} conversion length of the same of the conversions of an event
 * @property {(project: number) => number} patch takes a delta from the project's datafile as text; length of the datafile that it
 *   makes, FAILED when it is damaged or from another datafile
 */

export const FAILED = -1;

/** Stands for no rule, variation or flag where one is named by its index. */
export const NONE = -2;
