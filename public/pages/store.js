/** The store: the one owner of its state. The view is handed all of it, and tells what the visitor does. */

import { answer } from '../lib/announcer.js';
import { usualAttributes } from '../lib/attributes.js';
import { loadCatalogue } from '../lib/catalogue.js';
import { lacksDatafile } from '../lib/complaint.js';
import { loadConfig } from '../lib/config.js';
import { TIMES, beforeThis } from '../lib/constancy.js';
import { experimentByKey } from '../lib/datafile.js';
import { describeDifference, describeRevision } from '../lib/datafile-difference.js';
import { misfitsOf } from '../lib/fit.js';
import { recall, remember } from '../lib/memory.js';
import { toCents } from '../lib/money.js';
import { clauseOf, sentenceOf } from '../lib/sentence.js';
import { currentLook, isAllowed, randomVisitor } from '../lib/visitor.js';
import { StoreView } from './store-view.js';

/** @typedef {import('./store-view.js').StoreState} StoreState */

/** A page whose SDK is missing still is a shop. */
const noSDK = () => Promise.reject(new Error('The SDK could not be loaded: is the folder sdk beside this page?'));

/** @type {import('../components/allocation-panel/allocation-panel.js').Saving} */
const NOTHING_SAVED = { state: 'ready', sentence: '' };

class Store {
  #view = new StoreView({
    onVisit: (id) => this.#visit(id),
    onRandom: () => this.#visit(randomVisitor()),
    onBuy: (item) => this.#buy(item),
    onAllocate: (shares) => this.#allocate(shares),
    onLook: (change) => this.#look(change),
    onReset: () => this.#look({ attributes: usualAttributes(), forced: '' }),
    onTour: () => this.#takeTour(),
  });
  /** @type {StoreState} */
  #state = {
    items: [], link: { status: 'connecting' }, misfit: '', problem: '', receipts: new Map(), saving: NOTHING_SAVED,
    verdict: { kind: 'loading' }, look: currentLook(),
    tour: recall('tour') ? 'taken' : 'new',
  };
  /** @type {import('./session.js').Session | undefined} */
  #session;
  /** Whether the datafile of the state is the one that decides. */
  #isRead = false;
  /** Whether there is a datafile, which what is bought is recorded by. */
  #canRecord = false;
  /** What was bought before it could be recorded. @type {{item: import('../lib/catalogue.js').Item, look: StoreState['look']}[]} */
  #early = [];

  /** Shows the shelf first, and lets the experiment arrange it once it can. */
  async open() {
    const experiment = Promise.all([import('./session.js').catch(noSDK), loadConfig()]);
    experiment.catch(() => {}); // Awaited below, unless the catalogue fails first.
    try {
      this.#set({ items: await loadCatalogue() });
      const [{ Session }, config] = await experiment;
      this.#set({ config });
      this.#session = new Session(config, {
        onLink: (link) => this.#follow(link),
        onDatafile: () => this.#decideAnew(),
        onNews: (datafile) => this.#read(datafile),
        onReceipt: (item, receipt) => this.#file(item, receipt),
      });
      if (await this.#session.ready()) {
        // With the engine and a datafile at hand the first update came while the session was being made.
        if (this.#state.verdict.kind === 'loading') this.#decideAnew();
        return;
      }
      if (this.#state.verdict.kind === 'loading') this.#set({ verdict: { kind: 'undecidable' } }); // a datafile may still come
    } catch (error) {
      this.#set({ problem: sentenceOf(error), verdict: { kind: 'undecidable' } });
    }
  }

  /** @param {Partial<StoreState>} change */
  #set(change) {
    Object.assign(this.#state, change);
    this.#view.render(this.#state);
    if (this.#canRecord || this.#hindrance) for (const { item, look } of this.#early.splice(0)) this.#buy(item, look);
  }

  /** @param {StoreState['link']} link */
  #follow(link) {
    const isMissing = lacksDatafile(link) || (link.status === 'offline' && !link.revision);
    const isHopeless = isMissing && this.#state.verdict.kind === 'loading';
    if (this.#state.link.error && !link.error) this.#forgetRefusal(); // a file that was mended may be the same as before
    this.#set(isHopeless ? { link, verdict: { kind: 'undecidable' } } : { link });
    this.#askRelay();
  }

  /** Another datafile decides. */
  #decideAnew() {
    if (!this.#session) return;
    this.#isRead = false;
    this.#show(this.#decide());
    this.#canRecord = true; // who buys was here first
    this.#set({ problem: '' });
  }

  /** @param {import('../lib/datafile.js').Datafile} datafile that decides now */
  #read(datafile) {
    const { config, datafile: before } = this.#state;
    if (!config) return;
    const misfits = misfitsOf(config, datafile);
    const experiment = experimentByKey(datafile, config.experimentKey);
    this.#isRead = true;
    this.#forgetRefusal();
    this.#set({ datafile, experiment, misfit: misfits.experiment || misfits.event });
    if (misfits.experiment) this.#set({ verdict: { kind: 'undecidable' } });
    this.#askAgain(this.#state.verdict);
    if (before) this.#view.tell(describeRevision(before, datafile), describeDifference(before, datafile));
  }

  /** @returns {StoreState['verdict']} */
  #decide() {
    const { look } = this.#state;
    const { visitor, forced } = look;
    if (!visitor) return { kind: 'nobody' };
    if (!isAllowed(visitor)) return { kind: 'refused' };
    const { variation = null, isForced = false } = this.#session?.decide(look) ?? {};
    const missing = isForced ? '' : forced;
    if (!variation) return { kind: 'excluded', visitor, missing };
    return { kind: 'decided', visitor, variation, order: this.#orderOf(variation), isForced, missing };
  }

  /** Shows a verdict, and then what comes of asking again. @param {StoreState['verdict']} verdict */
  #show(verdict) {
    this.#set({ verdict, constancy: undefined });
    if (this.#isRead) setTimeout(() => this.#askAgain(verdict));
  }

  /** Asks for a decision again: here, in memory, and of the relay. @param {StoreState['verdict']} verdict */
  #askAgain(verdict) {
    const { config, link, look } = this.#state;
    const isDecided = verdict.kind === 'excluded' || verdict.kind === 'decided';
    if (!this.#session || !config || !isDecided || look.forced || this.#state.verdict !== verdict) return;
    const variation = verdict.kind === 'decided' ? verdict.variation : null;
    const times = this.#session.decideAnew(look, TIMES, variation);
    const before = beforeThis({ experimentKey: config.experimentKey, hash: link.hash, look, variation });
    this.#set({ constancy: { times, before, relay: undefined } });
    this.#askRelay();
  }

  /** Asks the relay's engine, as soon as the relay is there and there is something to compare with. */
  async #askRelay() {
    const { constancy, link, look, verdict } = this.#state;
    if (!this.#session || !constancy || constancy.relay !== undefined || link.status !== 'live') return;
    const relay = await this.#session.askRelay(look);
    if (this.#state.verdict === verdict && this.#state.constancy) this.#set({ constancy: { ...this.#state.constancy, relay } });
  }

  /**
   * @param {string} variation
   * @returns {string | undefined} undefined when the settings name none
   */
  #orderOf(variation) {
    const { sort = {} } = this.#state.config ?? {};
    return Object.hasOwn(sort, variation) ? sort[variation] : undefined;
  }

  /** @param {string} visitor */
  #visit(visitor) {
    if (isAllowed(visitor)) remember('visitor', visitor);
    this.#set({ receipts: new Map() });
    this.#look({ visitor });
  }

  /** @param {Partial<StoreState['look']>} change */
  #look(change) {
    const { verdict } = this.#state;
    this.#state.look = { ...this.#state.look, ...change };
    if (verdict.kind === 'loading' || verdict.kind === 'undecidable') this.#set({});
    else this.#show(this.#decide()); // with the look in one go, by which the view knows the visitor's own doing
  }

  /**
   * @param {import('../lib/catalogue.js').Item} item
   * @param {StoreState['look']} look who buys
   */
  #buy(item, look = this.#state.look) {
    const { visitor, forced } = look;
    const refuse = (/** @type {string} */ reason) => this.#file(item, { visitor, status: 'refused', cents: 0, reason });
    if (!visitor) this.#view.askWho();
    else if (!isAllowed(visitor)) refuse('nobody can have this id');
    else if (forced) refuse('you chose the variation');
    else if (this.#canRecord) this.#session?.buy(look, item);
    else if (this.#hindrance) refuse(clauseOf(this.#hindrance));
    else this.#buyLater(item, look);
  }

  /** Why what is bought will never be recorded, one sentence; '' when it may be. A datafile may come late, but not to a page without a key. */
  get #hindrance() {
    const { link, problem } = this.#state;
    return problem || (link.fault === 'key' && link.error) || '';
  }

  /** @param {import('../lib/catalogue.js').Item} item @param {StoreState['look']} look */
  #buyLater(item, look) {
    this.#early.push({ item, look });
    this.#file(item, { visitor: look.visitor, status: 'queued', cents: toCents(item.price) });
  }

  /** @param {number[]} shares in per cent, one a variation */
  async #allocate(shares) {
    const variations = this.#state.experiment?.variations ?? [];
    this.#set({ saving: { state: 'saving', sentence: 'Saving…' } });
    try {
      await this.#session?.allocate(variations, shares);
      this.#set({ saving: { state: 'saved', sentence: 'Saved: every open page follows.' } });
    } catch (error) {
      this.#set({ saving: { state: 'refused', sentence: sentenceOf(error) } });
    }
    answer(this.#state.saving.sentence);
  }

  /** Why another allocation was refused is no longer so. */
  #forgetRefusal() {
    if (this.#state.saving.state === 'refused') this.#set({ saving: NOTHING_SAVED });
  }

  async #takeTour() {
    const { tour } = this.#state;
    if (tour === 'on') return;
    this.#set({ tour: 'on' });
    try {
      const { startTour } = await import('./store-tour.js');
      startTour({ onEnd: () => this.#endTour() });
    } catch {
      this.#set({ tour });
      this.#view.tell('The tour could not be loaded', ['Is there a network? Try it again.']);
    }
  }

  #endTour() {
    remember('tour', 'taken');
    this.#set({ tour: 'taken' });
  }

  /** @type {import('./session.js').Listeners['onReceipt']} */
  #file(item, receipt) {
    if (receipt.visitor !== this.#state.look.visitor) return;
    this.#set({ receipts: new Map(this.#state.receipts).set(item.id, receipt) });
    if (receipt.status === 'safe') answer(`${item.name}: bought, and safe with the relay.`);
    if (receipt.status === 'refused') answer(`${item.name}: not recorded, ${receipt.reason?.replace(/\.?$/, '.')}`);
  }
}

new Store().open();
