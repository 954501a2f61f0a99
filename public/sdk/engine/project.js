import { Origin } from './event.js';
import { FAILED, NONE } from './exports.js';
import { DatafileError } from './errors.js';
import { EventMaker } from './event_maker.js';
import { Slots } from './slots.js';
import { toOutcome, variableOf } from './outcome.js';
import * as Layout from './layout.js';
import { Rules } from './rules.js';
import { areSame, joined, NOTHING, toRows } from './special.js';
import { toUser } from './user.js';
import { decoder } from './wtf8.js';

/**
 * @typedef {import('./event_maker.js').Blank} Blank
 * @typedef {import('./user.js').User} User
 * @typedef {import('./outcome.js').Outcome} Outcome
 *
 * @typedef {object} Variation
 * @property {number} index among all variations of the datafile
 * @property {string} id
 * @property {string} key
 * @property {Shown} [lastShown] the last activation with it
 *
 * @typedef {object} Shown what an impression tells, as an outcome does too
 * @property {number} flag index, NONE for an activation
 * @property {number} rule index, or NONE
 * @property {number} variation index, or NONE
 * @property {number} answer of decide
 * @property {Blank} [blank] of its impressions, once there was one
 *
 * @typedef {object} Experiment
 * @property {number} index
 * @property {string} id
 * @property {string} key
 * @property {boolean} isRollout a rule of a rollout: no experiment to getVariation and activate
 * @property {boolean} hasFlag its decisions are of type feature-test instead of ab-test
 * @property {Variation[]} variations
 * @property {number} [unasked] the attributes that decisions of it do not ask about, once there was one: see User
 *
 * @typedef {object} Flag
 * @property {number} index
 * @property {string} key
 * @property {any[]} outcomes those seen so far, which are few: of each its answer, its rule, and the Outcome. Where these two stand together, only what
 *   was decided is fetched from memory
 *
 * @typedef {object} EventType
 * @property {number} index
 * @property {Blank} [blank] of its conversions, once there was one
 *
 * @typedef {object} Decision
 * @property {Flag} flag
 * @property {Outcome} outcome
 * @property {Outcome | undefined} holdout that the user is in besides, and that lets them have what is delivered
 *
 * @typedef {object} Facts what a datafile says of itself
 * @property {string} revision
 * @property {string} projectId
 * @property {string} region US or EU
 * @property {boolean} sendFlagDecisions
 * @property {boolean} hasODP the project uses Optimizely's data platform
 *
 * @typedef {Record<string, unknown> | undefined} Attributes
 */

/** So many ids make a text that is quick to join. */
const USERS_AT_ONCE = 2048;

/** A parsed datafile that lives in the engine. It never changes; a new datafile is a new Project. */
export class Project {
  #engine;
  #client;
  /** @type {import('./exports.js').Exports} */
  #exports;
  /** @type {import('./frame.js').Frame} */
  #frame;
  /** The datafile in memory. @type {import('./frame.js').Written | undefined} */
  #written;
  #handle = 0;
  /** @type {import('./ring.js').Ring} */
  #ring;
  /** @type {Rules | undefined} */
  #described;
  /** @type {Map<string, Flag>} */
  #flagByKey = new Map();
  /** Every flag once, in the order of flagKeys. @type {Flag[] | undefined} */
  #ordered;
  /** @type {string | undefined} */
  #askedKey;
  /** @type {Record<string, Flag> | undefined} */
  #byKey;
  /** @type {Experiment | undefined} */
  #asked;
  /** @type {Map<string, EventType>} */
  #events = new Map();
  /** @type {EventMaker | undefined} */
  #eventMaker;
  /** What ACTIVATE showed. @type {Record<string, any>} */
  #entities = {};
  /** @type {string[][]} */
  #sentences = [];
  #slots = new Slots([]);
  /** Where decide leaves its answers. */
  #answers = 0;
  /** What the last user had of what few have. */
  #special = NOTHING;

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {string} datafile
   * @param {{clientName: string, clientVersion: string}} client
   */
  constructor(engine, datafile, client) {
    this.#engine = engine;
    this.#client = client;
    this.datafile = datafile;
    ({ exports: this.#exports, frame: this.#frame, ring: this.#ring } = engine.instance);
    this.reopen();
    /** @type {Facts} */
    this.facts = this.#describe();
    /** Where its events go. An unknown region's go where those of the US go. */
    this.url = `https://${this.facts.region === 'EU' ? 'eu.' : ''}logx.optimizely.com/v1/events`;
  }

  /** Parses the datafile in the engine's current instance. */
  reopen() {
    ({ exports: this.#exports, frame: this.#frame, ring: this.#ring } = this.#engine.instance);
    let earlier;
    for (const project of this.#engine.projects) if (project !== this && project.#frame === this.#frame) earlier = project.#written;
    this.#written = this.#frame.text(this.datafile, earlier);
    const handle = this.#exports.open();
    this.#frame.renew();
    if (handle < FAILED) throw new DatafileError(decoder.decode(this.#frame.result(-2 - handle)));
    if (handle === FAILED) throw new DatafileError('datafile: the engine failed on it');
    this.#handle = handle;
    this.#sentences = [];
    this.#special = NOTHING;
    this.#answers = this.#exports.answers(handle);
  }

  /** Reads what the project is and what it has, once. Of two entries with one key the last one counts, as in Go. */
  #describe() {
    const { flags, events, attributes, ...facts } = this.#json(this.#exports.describe(this.#handle));
    flags.forEach((/** @type {string} */ key, /** @type {number} */ index) => this.#flagByKey.set(key, { index, key, outcomes: [] }));
    events.forEach((/** @type {string} */ key, /** @type {number} */ index) => this.#events.set(key, { index }));
    this.#slots = new Slots(attributes);
    return facts;
  }

  /** The rules with their variations, which are most of what there is to tell, and which a page that only decides flags does not need. */
  get #rules() {
    return this.#described ?? this.#describeRules();
  }

  // What happens once stands apart from what happens often, here and below: a function with a closure in it makes room for what the
  // closure needs each time it is called.
  #describeRules() {
    this.#described = new Rules(this.#ask('rules'));
    return this.#described;
  }

  /** The experiment or rollout rule with the key. One key is mostly asked for many times in a row. @param {string} key */
  experiment(key) {
    if (key !== this.#askedKey) {
      this.#askedKey = key;
      this.#asked = this.#rules.experiment(key);
    }
    return this.#asked;
  }

  /** @param {string} key anything else is taken for its name, as of a property */
  flag(key) {
    return this.#flagByKey.get(typeof key === 'string' ? key : String(key));
  }

  /** The keys of all flags, in the order of the members of an object that has them: those that are array indexes come first. */
  get flagKeys() {
    return this.#flags().map(({ key }) => key);
  }

  /** An object with a member for each flag, in the order of flagKeys, for the caller to set. It is quicker to copy than to make. @returns {Record<string, any>} */
  byFlag() {
    this.#byKey ??= Object.fromEntries(this.#flagByKey);
    return Object.assign({}, this.#byKey);
  }

  #flags() {
    return (this.#ordered ??= Object.values(this.byFlag()));
  }

  /** What of events the datafile says by that key. @param {string} key */
  eventType(key) {
    return this.#events.get(key);
  }

  /** @param {string} id */
  variationById(id) {
    return this.#rules.variations.findLast((variation) => variation.id === id);
  }

  /**
   * Decides an experiment.
   * @param {Experiment} experiment
   * @param {User} user
   * @param {boolean} [withReasons]
   * @returns {Variation | undefined}
   */
  getVariation(experiment, user, withReasons = false) {
    const options = (withReasons ? Layout.withReasons : 0) | (user.special?.remembered ? Layout.withProfile : 0);
    let answer;
    try {
      experiment.unasked ??= this.#exports.unasked(this.#handle, experiment.index);
      answer = this.#exports.getVariation(this.#handle, experiment.index, options, this.#enter(user, experiment.unasked));
    } catch (error) {
      this.#engine.recover(error); // which reopens this project
      answer = this.#exports.getVariation(this.#handle, experiment.index, options, this.#enter(user));
    }
    return answer < 0 ? undefined : this.#rules.variations[answer];
  }

  /**
   * Decides an experiment for many users of the same attributes, with few crossings.
   * @param {Experiment} experiment
   * @param {readonly string[]} ids
   * @param {Attributes} [attributes]
   * @returns {(string | null)[]} the variations' keys
   */
  getVariations(experiment, ids, attributes) {
    return this.#engine.call(() => this.#decideMany(experiment, ids, attributes));
  }

  /** @param {Experiment} experiment @param {readonly string[]} ids @param {Attributes} attributes */
  #decideMany(experiment, ids, attributes) {
    /** @type {(string | null)[]} */
    const keys = new Array(ids.length).fill(null);
    const { variations } = this.#rules;
    const user = this.#enter(toUser('', attributes));
    for (let from = 0; from < ids.length; from += USERS_AT_ONCE) {
      const some = ids.slice(from, from + USERS_AT_ONCE);
      this.#frame.users(some);
      this.#check(this.#exports.getVariations(this.#handle, experiment.index, user));
      const answers = this.#frame.answers(some.length);
      for (let i = 0; i < some.length; i++) if (answers[i] >= 0) keys[from + i] = variations[answers[i]].key;
    }
    return keys;
  }

  /**
   * Decides a flag.
   * @param {Flag} flag
   * @param {User} user
   * @param {boolean} [withReasons]
   * @param {boolean} [goesOn] what was decided for the user since the last call without it counts as what they had before
   * @returns {Decision}
   */
  decide(flag, user, withReasons = false, goesOn = false) {
    const options = (withReasons ? Layout.withReasons : 0) | (user.special?.remembered ? Layout.withProfile : 0) | (goesOn ? Layout.goesOn : 0);
    this.#decide(flag.index, options, user);
    return this.#decision(flag, 0);
  }

  /**
   * Decides every flag, with one crossing.
   * @param {User} user of whom nothing is remembered
   * @returns {Decision[]} in the order of flagKeys
   */
  decideAll(user) {
    this.#decide(NONE, 0, user);
    const ring = this.#ring;
    const decisions = this.#flags().map((flag) => this.#decision(flag, flag.index));
    // An instance that breaks while it describes an outcome takes the answers for the flags behind along.
    return ring === this.#ring ? decisions : this.decideAll(user);
  }

  /** @param {number} flag index, NONE for all @param {number} options @param {User} user */
  #decide(flag, options, user) {
    try {
      this.#check(this.#exports.decide(this.#handle, flag, options, this.#enter(user)));
    } catch (error) {
      this.#engine.recover(error); // which reopens this project
      this.#check(this.#exports.decide(this.#handle, flag, options, this.#enter(user)));
    }
  }

  /** @param {number} answer of an export that answers nothing below zero else */
  #check(answer) {
    if (answer === FAILED) throw new Error('the engine failed to answer');
  }

  /** Reads what decide answered. @param {Flag} flag @param {number} place among the answers @returns {Decision} */
  #decision(flag, place) {
    const { words } = this.#frame;
    const at = (this.#answers >> 2) + Layout.answerWords * place;
    const answer = words[at];
    if (answer === FAILED) throw new Error(`the engine cannot decide the flag "${flag.key}": has it a list of experimentIds?`);
    const rule = words[at + 1];
    const holdout = words[at + 2];
    const heldOut = words[at + 3];
    return {
      flag,
      outcome: this.#outcome(flag, answer, rule),
      // Of a holdout's variation, decide answers the index alone.
      holdout: holdout === NONE ? undefined : this.#outcome(flag, ((heldOut - NONE) << 2) | Layout.sourceHoldout, holdout),
    };
  }

  /**
   * Why the last decision came about, if it was made with reasons. The engine tells each sentence once.
   * @param {string} id of the user
   * @returns {string[]}
   */
  reasons(id) {
    const words = this.#exports.reasons(this.#handle) >> 2;
    this.#check(words);
    const reasons = [];
    for (let at = this.#frame.place >> 2, end = at + words; at < end; at += 2) {
      const [first, second, third] = this.#sentence(this.#frame.words[at]);
      reasons.push(second === undefined ? first : third === undefined ? first + id + second : first + this.#frame.words[at + 1] + second + id + third);
    }
    return reasons;
  }

  /** The texts around the user's id, or around the bucket and the id. @param {number} number */
  #sentence(number) {
    return (this.#sentences[number] ??= this.#json(this.#exports.sentence(this.#handle, number)));
  }

  /**
   * What the official SDK calls OptimizelyConfig, but for the datafile, with each experiment once, and its place in that list wherever it is
   * shown; or why there is none, as there is none officially; and what is to be warned of.
   * @returns {{experiments: object[], config?: Record<string, any>, problem?: string, warnings: string[]}}
   */
  get optimizelyConfig() {
    return this.#ask('config');
  }

  /**
   * A rule or, with NONE, a variation as ACTIVATE shows it: the datafile's object, with what the official SDK adds to it; the same one each
   * time, and null for none.
   * @param {number} rule
   * @param {number} variation
   */
  entity(rule, variation) {
    const name = `${rule} ${variation}`;
    return (this.#entities[name] ??= this.#ask('entity', rule, variation));
  }

  /** What an Inspector asks the engine with. */
  get inside() {
    return { exports: this.#exports, frame: this.#frame, handle: this.#handle, rules: this.#rules };
  }

  /** What the last user's profile should remember besides. @returns {Record<string, {variation_id: string}>} by experiment id */
  remembered() {
    const length = this.#exports.remembered(this.#handle);
    return length === 0 ? {} : this.#json(length);
  }

  /** Writes a user of a new context for the decisions to come. Throws an AttributeError when any attribute has no value. @param {User} user */
  keep(user) {
    this.#ring.keep(user, this.#slots, true);
  }

  /**
   * Has the engine know a user, and says where they are.
   * @param {User} user
   * @param {number} [unasked] of their attributes; one of a context is written for other decisions, too
   */
  #enter(user, unasked = 0) {
    user.unasked = user.isOfContext ? 0 : unasked;
    const special = user.special ? toRows(user.special) : NOTHING;
    const place = this.#ring.user(user.special?.whose ?? user, this.#slots);
    this.#tell(special); // last: a getter among the attributes may have had somebody else decided for
    return place;
  }

  /** Has the engine know what few users have, unless the last one had it. @param {readonly string[]} special */
  #tell(special) {
    if (areSame(special, this.#special)) return;
    this.#frame.text(joined(special));
    this.#check(this.#exports.special(this.#handle));
    this.#special = special;
  }

  /**
   * The type of a flag's variable, undefined when it has no such variable.
   * @param {Flag} flag
   * @param {string} key
   */
  variableType(flag, key) {
    return variableOf(this.#outcome(flag, Layout.sourceRollout, NONE), key)?.type; // the variables are the same whatever comes out
  }

  /** @param {Flag} flag @param {number} answer @param {number} rule */
  #outcome(flag, answer, rule) {
    const { outcomes } = flag;
    for (let at = 0; at < outcomes.length; at += 3) if (outcomes[at] === answer && outcomes[at + 1] === rule) return outcomes[at + 2];
    return this.#learn(flag, answer, rule);
  }

  /** Has the engine describe an outcome. @param {Flag} flag @param {number} answer @param {number} rule */
  #learn(flag, answer, rule) {
    const variation = (answer >> 2) + NONE;
    const facts = this.#ask('outcome', flag.index, rule, variation);
    const outcome = toOutcome(flag.index, rule, variation, answer, facts);
    flag.outcomes.push(answer, rule, outcome);
    return outcome;
  }

  /**
   * What an export answers about the project itself, whatever was asked before.
   * @param {'rules' | 'config' | 'entity' | 'outcome' | 'impression' | 'conversion'} name
   * @param {...number} parameters
   * @returns {any}
   */
  #ask(name, ...parameters) {
    return this.#engine.call(({ exports }) => this.#json(/** @type {(...parameters: number[]) => number} */ (exports[name])(this.#handle, ...parameters)));
  }

  /** @param {number} length an export's answer */
  #json(length) {
    return JSON.parse(this.#text(length));
  }

  /** @param {number} length an export's answer */
  #text(length) {
    this.#check(length);
    return decoder.decode(this.#frame.result(length));
  }

  /**
   * The event that tells of an experiment's decision.
   * @param {Experiment} experiment
   * @param {Variation} variation
   * @param {User} user
   */
  activation(experiment, variation, user) {
    // Mostly the experiment's own, which is shown by no other.
    if (variation.lastShown?.rule !== experiment.index) variation.lastShown = { flag: NONE, rule: experiment.index, variation: variation.index, answer: 0 };
    return this.impression(variation.lastShown, user);
  }

  /**
   * The event that tells of a flag's decision.
   * @param {Shown} shown
   * @param {User} user
   */
  impression(shown, user) {
    const { flag, rule, variation, answer } = shown;
    return this.#maker.impression((shown.blank ??= this.#ask('impression', flag, rule, variation, answer & 3)), user);
  }

  /**
   * The event that tells of a conversion.
   * @param {EventType} type
   * @param {User} user
   * @param {Record<string, unknown>} [tags]
   */
  conversion(type, user, tags) {
    return this.#maker.conversion((type.blank ??= this.#ask('conversion', type.index)), user, tags);
  }

  get #maker() {
    return this.#eventMaker ?? this.#makeMaker();
  }

  #makeMaker() {
    this.#eventMaker = this.#engine.call(({ exports, frame }) => {
      const { clientName, clientVersion } = this.#client;
      frame.text(`${clientName}\0${clientVersion}`);
      const origin = new Origin(this.url, this.#text(exports.envelope(this.#handle)));
      return new EventMaker(origin, this.#slots, this.#json(exports.attributes(this.#handle)));
    });
    return this.#eventMaker;
  }

  /**
   * Makes a newer datafile of this project's and the difference between the two.
   * @param {Uint8Array} delta as wasm/engine/delta describes it
   * @returns {string | undefined} undefined when the delta is damaged, or was made from another datafile than this
   */
  patch(delta) {
    return this.#engine.call(({ exports, frame }) => {
      frame.text(delta);
      const length = exports.patch(this.#handle);
      return length === FAILED ? undefined : decoder.decode(frame.result(length));
    });
  }

  /** Frees the project in the engine, its memory when the page has nothing else to do. Using it afterwards is an error. */
  close() {
    this.#engine.projects.delete(this);
    this.#exports.close(this.#handle);
    (globalThis.requestIdleCallback ?? setTimeout)(() => this.#engine.call(({ exports }) => exports.collect()));
  }
}
