import { messageOf } from '../lib/message.js';
import { isOffline, isVisible, onLeave, onWake } from '../lib/page.js';
import { meetFollowers } from '../lib/page_mates.js';
import { relayAddress, streamAddress } from './address.js';
import { DatafilePoll } from './datafile_poll.js';
import { NoticedDatafile } from './noticed_datafile.js';
import { CloseCode, MessageType, PROTOCOL, Topic } from './protocol.js';
import { RelaySocket } from './socket.js';
import { DatafileStorage } from './storage.js';
import { switchOff } from './switch_off.js';

/**
 * @typedef {import('../config/manager.js').Sink} Sink
 * @typedef {import('../config/manager.js').Source} Source
 * @typedef {import('./config_manager.js').RelayConfigOptions} RelayConfigOptions
 * @typedef {import('./config_manager.js').RelayState} RelayState
 */

/** So many attempts in a row without an answer, and the datafile is fetched by HTTP meanwhile. */
const FAILURES_BEFORE_POLLING = 3;

/** The same when the line says nothing for so long: some networks swallow websockets rather than refuse them. */
const PATIENCE_MS = 3000;

/** A page cannot see pings, so it asks now and then. */
const DOUBT_MS = 30_000;

const decoder = new TextDecoder();

/**
 * Hands on the datafiles that a relay pushes. Two are the same when their hashes are: an edit by hand often keeps the revision.
 * @implements {Source}
 */
export class RelaySource {
  #options;
  /** Of the datafile. */
  #address;
  #storage;
  #socket;
  #poll;
  #noticed;
  #stopWaking = () => {};
  #stopLeaving = () => {};
  #stopFollowing = () => {};
  /** Until polling makes up for a line that says nothing. @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #doubts;
  /** @type {Sink | undefined} */
  #sink;
  /** Hash of the last datafile that came, whether it was good or not, if it is known. @type {string | null} */
  #have = null;
  /** Hash of the datafile that decides. @type {string | null} */
  #deciding = null;
  /** What decides: that datafile, without what was switched off since if newer ones wait for the next page. @type {string | undefined} */
  #text;
  /** @type {string | undefined} */
  #nextRevision;
  /** The last datafile or delta that came, while it is dealt with. @type {Promise<unknown>} */
  #taking = Promise.resolve();
  /** What is wrong with the newest datafile. @type {string | undefined} */
  #fault;
  /** Why the relay is not to be had, as the log was told. @type {string | undefined} */
  #missed;
  /** @type {RelayState['status']} */
  #status = 'connecting';
  /** The last state told, as JSON. */
  #told = '';

  /** @param {RelayConfigOptions} options */
  constructor(options) {
    const { relayUrl = '', sdkKey, token } = options;
    this.#options = options;
    this.#storage = new DatafileStorage(relayUrl, sdkKey);
    this.#socket = new RelaySocket({
      url: streamAddress(relayUrl),
      hello: () => ({ type: MessageType.HELLO, protocol: PROTOCOL, sdkKey, have: this.#have, topics: [Topic.DATAFILE], notices: true, token }),
      onMessage: (message) => this.#hear(message),
      onLoss: (loss) => this.#lose(loss),
    });
    this.#noticed = new NoticedDatafile({
      // One that is no good may be what something on the way answered in its place.
      onDatafile: (hash, datafile) => this.#begin('live', hash, datafile).then((error) => error && this.#askForAll()),
      onFailure: () => this.#socket.resync(),
    });
    this.#address = relayAddress(relayUrl, `datafiles/${encodeURIComponent(sdkKey)}.json`);
    this.#poll = new DatafilePoll({
      url: this.#address,
      token,
      onDatafile: (hash, datafile) => this.#reach(() => this.#begin('polling', hash, datafile)),
      onUnchanged: () => this.#reach(() => this.#tell({ status: 'polling' })),
      onFailure: (failure) => this.#miss(failure),
    });
  }

  /** @param {Sink} sink */
  start(sink) {
    this.#sink = { ...sink, logger: sink.logger.child('RelayProjectConfigManager') };
    this.#stopFollowing = meetFollowers(String(this.#address), this.#sink.logger);
    this.#taking = this.#restore();
    this.#tell({});
    if (!this.#sink) return; // a listener of the application closed the client
    this.#stopWaking = onWake(() => this.#wake());
    this.#stopLeaving = onLeave(() => this.#socket.rest());
    this.#doubts = setInterval(() => isVisible() && this.#socket.doubt(this.#have), DOUBT_MS);
    if (!RelaySocket.isSupported) return this.#poll.start();
    this.#beImpatient();
    this.#socket.connect();
  }

  stop() {
    this.#sink = undefined;
    this.#stopFollowing();
    this.#stopWaking();
    this.#stopLeaving();
    clearInterval(this.#doubts);
    this.#beAtEase();
    this.#socket.close();
    this.#poll.stop();
    this.#noticed.stop();
  }

  /** Lets the last visit's datafile decide. If it is no good any more the relay sends its own, whatever the hello said. */
  async #restore() {
    const stored = this.#storage.load();
    if (!stored) return;
    this.#have = stored.hash;
    if (await this.#use(stored.hash, stored.datafile)) this.#askForAll(); // and keeps it until then: perhaps the engine was not to be had
    else this.#tell({}); // the relay may have called it current before it decided
  }

  /** What the page has is no good. */
  #askForAll() {
    this.#have = null;
    this.#socket.resync();
  }

  #wake() {
    // What nothing could decide with may be good after all, once the engine is to be had.
    if (this.#text === undefined && this.#fault !== undefined) this.#have = null;
    this.#socket.check(this.#have);
    this.#poll.hurry();
  }

  #beImpatient() {
    this.#patience ??= setTimeout(() => this.#poll.start(), PATIENCE_MS);
  }

  #beAtEase() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  /** The relay answers by HTTP: if it could not be reached before, a line may be had again too. @param {() => void} take */
  #reach(take) {
    if (this.#status === 'offline') this.#socket.check(this.#have);
    take();
  }

  /** @param {import('./socket.js').Message} message */
  #hear(message) {
    const { type, hash = '', payload, error } = message;
    this.#beAtEase();
    switch (type) {
      case MessageType.PROBLEM:
        this.#fault = error ?? undefined;
        return this.#tell({});
      case MessageType.NOTICE:
        this.#poll.stop();
        return this.#noticed.hear(message, this.#deciding === null);
      case MessageType.DATAFILE:
        this.#poll.stop();
        return this.#begin('live', hash, decoder.decode(payload));
      case MessageType.DELTA:
        this.#poll.stop();
        this.#taking = this.#taking.then(() => this.#patch(message));
        return;
      case MessageType.CURRENT:
        this.#poll.stop();
        this.#noticed.stop(); // what it told of was taken back
        return this.#tell({ status: 'live' });
    }
  }

  /**
   * Applies a delta to the datafile that decides, in the engine, where that lies, and which tells by a hash what is not from there: the
   * relay sends the whole, then. The same delta may come twice, as a push and as an answer.
   * @param {import('./socket.js').Message} message
   */
  async #patch({ hash = '', payload = new Uint8Array() }) {
    if (hash === this.#have) return this.#tell({ status: 'live' });
    const datafile = this.#sink?.patch(payload);
    if (datafile === undefined) return this.#socket.resync();
    await this.#take('live', hash, datafile);
  }

  /**
   * @param {RelayState['status']} status
   * @param {string | null} hash
   * @param {string} datafile
   */
  #begin(status, hash, datafile) {
    const taking = this.#take(status, hash, datafile);
    this.#taking = taking;
    return taking;
  }

  /**
   * @param {RelayState['status']} status
   * @param {string | null} hash
   * @param {string} datafile
   * @returns {Promise<Error | undefined>} what is wrong with the datafile
   */
  async #take(status, hash, datafile) {
    this.#have = hash;
    this.#status = status; // at once: until the engine is there another may come
    this.#noticed.stop(); // whichever way it came, it is newer than what a notice told of before
    const error = await this.#use(hash, datafile);
    this.#fault = error && messageOf(error);
    if (!error && hash) this.#storage.save(hash, datafile);
    this.#tell({});
    return error;
  }

  /**
   * @param {string | null} hash
   * @param {string} datafile
   * @returns {Promise<Error | undefined>} what is wrong with the datafile
   */
  async #use(hash, datafile) {
    const waits = this.#options.apply === 'next-page' && this.#text !== undefined && hash !== this.#deciding;
    if (waits) return this.#wait(this.#text ?? '', datafile);
    const error = await this.#sink?.offer(datafile);
    if (error) return error;
    const isNew = datafile !== this.#text;
    this.#deciding = hash;
    this.#text = datafile;
    this.#nextRevision = undefined;
    if (isNew) this.#call('onDatafile', datafile);
    return undefined;
  }

  /**
   * Leaves a datafile to the next page, but for what it has switched off.
   * @param {string} deciding
   * @param {string} newest
   * @returns {Promise<Error | undefined>}
   */
  async #wait(deciding, newest) {
    try {
      const text = switchOff(deciding, newest);
      const { revision } = JSON.parse(newest);
      const error = text === deciding ? undefined : await this.#sink?.offer(text);
      if (error) return error;
      this.#nextRevision = String(revision);
      this.#text = text;
      if (text !== deciding) this.#call('onDatafile', text);
      return undefined;
    } catch (thrown) {
      return new Error(`datafile: ${messageOf(thrown)}`);
    }
  }

  /** The log hears of a failure once, until the relay answers again. @param {Partial<RelayState>} failure */
  #miss(failure) {
    if (failure.error !== this.#missed) {
      this.#sink?.logger.warn('%s', failure.error);
      if (failure.fault === 'key') this.#sink?.fail(String(failure.error)); // and asks on: a key may be configured later
    }
    this.#missed = failure.error;
    this.#tell({ status: 'offline', ...failure });
  }

  /** @param {import('./socket.js').Loss} loss */
  #lose({ code, failures, retryInMs }) {
    if (retryInMs === undefined) return this.#giveUp(code);
    this.#sink?.logger.debug('The relay is gone (%s), next attempt in %s ms', code, retryInMs);
    this.#beImpatient();
    if (failures >= FAILURES_BEFORE_POLLING || this.#have === null) this.#poll.start();
    if (!this.#poll.hasAnswered) this.#tell({ status: isOffline() ? 'offline' : 'reconnecting', retryInMs });
  }

  /** What the relay refuses for good. @param {number} code */
  #giveUp(code) {
    this.#beAtEase();
    this.#poll.stop();
    const isKey = code === CloseCode.UNKNOWN_KEY;
    const unknown = `The relay has no project with the sdkKey ${this.#options.sdkKey}, or wants another token.`;
    const error = isKey ? unknown : 'The relay does not understand this version of the SDK.';
    this.#tell({ status: 'offline', error, fault: isKey ? 'key' : 'relay' });
    this.#sink?.fail(error);
  }

  /** @param {Partial<RelayState>} change what it does not say is as before, but for the wait and the error */
  #tell({ status = this.#status, retryInMs, error = this.#fault, fault = 'datafile' }) {
    if (!this.#sink) return;
    this.#status = status;
    if (status === 'live' || status === 'polling') this.#missed = undefined;
    /** @type {RelayState} */
    const state = { status, revision: this.#sink.revision(), hash: this.#deciding };
    if (retryInMs !== undefined) state.retryInMs = retryInMs;
    const { roundTripMs } = this.#socket;
    if (status === 'live' && roundTripMs !== undefined) state.roundTripMs = Math.round(roundTripMs);
    if (this.#nextRevision !== undefined) state.nextRevision = this.#nextRevision;
    if (error !== undefined) Object.assign(state, { error, fault });
    if (JSON.stringify(state) === this.#told) return;
    this.#told = JSON.stringify(state);
    this.#call('onState', state);
  }

  /**
   * What an application does wrong in its callback is its own business.
   * @template {'onState' | 'onDatafile'} K
   * @param {K} name
   * @param {Parameters<NonNullable<RelayConfigOptions[K]>>[0]} argument
   */
  #call(name, argument) {
    try {
      this.#options[name]?.(/** @type {any} */ (argument));
    } catch (thrown) {
      this.#sink?.logger.error('%s threw an exception: %s', name, messageOf(thrown));
    }
  }
}
