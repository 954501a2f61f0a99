import { DatafileError } from './errors.js';
import { UserEvent } from './event.js';
import { FAILED } from './exports.js';
import { Reason } from './reasons.js';
import { Slots } from './slots.js';
import { uuid } from './uuid.js';

/**
 * @typedef {object} Variation
 * @property {number} index among all variations of the datafile
 * @property {string} id
 * @property {string} key
 *
 * @typedef {object} Experiment
 * @property {number} index
 * @property {string} id
 * @property {string} key
 * @property {string} layerId
 * @property {string} status
 * @property {boolean} isRollout a rule of a rollout: no experiment to getVariation and activate
 * @property {boolean} hasFlag its decisions are of type feature-test instead of ab-test
 * @property {Variation[]} variations
 *
 * @typedef {{index: number, id: string, key: string}} EventType
 *
 * @typedef {object} Facts what a datafile says of itself
 * @property {string} version
 * @property {string} revision
 * @property {string} accountId
 * @property {string} projectId
 * @property {string} sdkKey
 * @property {string} region US or EU
 * @property {boolean} anonymizeIP
 * @property {boolean | null} botFiltering null when the datafile does not say
 *
 * @typedef {Record<string, unknown> | undefined} Attributes
 */

/** Where events go, by region. An unknown region's go to the first. */
const EVENT_HOSTS = new Map([['US', 'https://logx.optimizely.com/v1/events'], ['EU', 'https://eu.logx.optimizely.com/v1/events']]);

const decoder = new TextDecoder();

/** A parsed datafile that lives in the engine. It never changes; a new datafile is a new Project. */
export class Project {
  #engine;
  #client;
  /** @type {import('./exports.js').Exports} */
  #exports;
  /** @type {import('./frame.js').Frame} */
  #frame;
  #handle = 0;
  #envelope = '';
  /** @type {Map<string, Experiment>} */
  #experiments = new Map();
  /** @type {string | undefined} */
  #askedKey;
  /** @type {Experiment | undefined} */
  #asked;
  /** @type {Map<string, EventType>} */
  #events = new Map();
  /** @type {Variation[]} */
  #variations = [];
  #slots = new Slots([]);
  #table = 0;
  #texts = 0;

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {string} datafile
   * @param {{clientName: string, clientVersion: string}} client
   */
  constructor(engine, datafile, client) {
    this.#engine = engine;
    this.#client = client;
    this.datafile = datafile;
    ({ exports: this.#exports, frame: this.#frame } = engine.instance);
    this.reopen();
    /** @type {Facts} */
    this.facts = this.#describe();
    this.url = EVENT_HOSTS.get(this.facts.region) ?? /** @type {string} */ (EVENT_HOSTS.get('US'));
  }

  /** Parses the datafile in the engine's current instance. */
  reopen() {
    ({ exports: this.#exports, frame: this.#frame } = this.#engine.instance);
    this.#frame.text(this.datafile);
    const handle = this.#exports.open();
    this.#frame.renew();
    if (handle < FAILED) throw new DatafileError(decoder.decode(this.#frame.result(-2 - handle)));
    if (handle === FAILED) throw new DatafileError('datafile: the engine failed on it');
    this.#handle = handle;
    this.#table = this.#exports.attributes(handle);
    this.#texts = this.#exports.texts(handle);
    this.#frame.text(`${this.#client.clientName}\0${this.#client.clientVersion}`);
    this.#envelope = decoder.decode(this.#frame.result(this.#exports.envelope(handle)));
  }

  /** Reads the project's tables, once: calls cross with their indexes. */
  #describe() {
    const { experiments, events, attributes, ...facts } = JSON.parse(decoder.decode(this.#frame.result(this.#exports.describe(this.#handle))));
    for (const experiment of experiments) {
      this.#experiments.set(experiment.key, experiment); // the last one wins, as in Go
      this.#variations.push(...experiment.variations);
    }
    for (const event of events) this.#events.set(event.key, event);
    this.#slots = new Slots(attributes);
    return facts;
  }

  /** The experiment or rollout rule with the key. One key is mostly asked for many times in a row. @param {string} key */
  experiment(key) {
    if (key !== this.#askedKey) {
      this.#askedKey = key;
      this.#asked = this.#experiments.get(key);
    }
    return this.#asked;
  }

  /** @param {string} key */
  event(key) {
    return this.#events.get(key);
  }

  /**
   * Decides an experiment.
   * @param {Experiment} experiment
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {Variation | null}
   */
  getVariation(experiment, userId, attributes) {
    const answer = this.#decide(experiment, userId, attributes);
    return answer < 0 ? null : this.#variations[answer];
  }

  /**
   * Decides an experiment and says which rule gave the user no variation.
   * @param {Experiment} experiment
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @returns {{variation: Variation | null, reason: string}}
   */
  explain(experiment, userId, attributes) {
    const answer = this.#decide(experiment, userId, attributes);
    return answer < 0 ? { variation: null, reason: Reason[-2 - answer] } : { variation: this.#variations[answer], reason: Reason[0] };
  }

  /** @param {Experiment} experiment @param {string} userId @param {Attributes} attributes */
  #decide(experiment, userId, attributes) {
    try {
      return this.#ask(experiment.index, userId, attributes);
    } catch (error) {
      this.#engine.recover(error); // which reopened this project
      return this.#ask(experiment.index, userId, attributes);
    }
  }

  /** @param {number} experiment @param {string} userId @param {Attributes} attributes */
  #ask(experiment, userId, attributes) {
    this.#frame.user(userId, attributes, this.#slots, this.#table, this.#texts);
    const answer = this.#exports.getVariation(this.#handle, experiment);
    this.#frame.clear();
    return answer;
  }

  /**
   * The event that tells of a decision.
   * @param {Experiment} experiment
   * @param {Variation} variation
   * @param {string} userId
   * @param {Attributes} [attributes]
   */
  impression(experiment, variation, userId, attributes) {
    return this.#event(userId, attributes, undefined, (exports) => exports.impression(this.#handle, experiment.index, variation.index));
  }

  /**
   * The event that tells of a conversion.
   * @param {EventType} event
   * @param {string} userId
   * @param {Attributes} [attributes]
   * @param {Record<string, unknown>} [tags]
   */
  conversion(event, userId, attributes, tags) {
    return this.#event(userId, attributes, tags, (exports) => exports.conversion(this.#handle, event.index));
  }

  /**
   * @param {string} userId
   * @param {Attributes} attributes
   * @param {Record<string, unknown> | undefined} tags
   * @param {(exports: import('./exports.js').Exports) => number} build
   */
  #event(userId, attributes, tags, build) {
    const id = uuid();
    const timestamp = Date.now();
    const visitor = this.#engine.call((exports, frame) => {
      frame.event(userId, attributes, this.#slots, tags, id, timestamp);
      const length = build(exports);
      if (length < 0) throw new Error('the engine failed to write an event');
      return frame.result(length);
    });
    return new UserEvent(id, timestamp, this.url, this.#envelope, visitor);
  }

  /**
   * Makes a newer datafile of this project's and the difference between the two.
   * @param {Uint8Array} delta as wasm/engine/delta describes it
   * @returns {string | undefined} undefined when the delta is damaged, or was made from another datafile than this
   */
  patch(delta) {
    return this.#engine.call((exports, frame) => {
      frame.text(delta);
      const length = exports.patch(this.#handle);
      return length === FAILED ? undefined : decoder.decode(frame.result(length));
    });
  }

  /** Frees the project in the engine. Using it afterwards is an error. */
  close() {
    this.#engine.forget(this);
    this.#exports.close(this.#handle);
  }
}
