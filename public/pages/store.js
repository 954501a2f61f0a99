/** The store: the one owner of its state. The view is handed all of it, and tells what the visitor does. */

import { loadCatalogue } from '../lib/catalogue.js';
import { loadConfig } from '../lib/config.js';
import { describeDifference, describeRevision, hasExperiment } from '../lib/datafile-difference.js';
import { remember } from '../lib/memory.js';
import { sentenceOf } from '../lib/sentence.js';
import { currentVisitor, randomVisitor } from '../lib/visitor.js';
import { StoreView } from './store-view.js';

/** @typedef {import('./store-view.js').StoreState} StoreState */

/** A page whose SDK is missing still is a shop. */
const noSDK = () => Promise.reject(new Error('The SDK could not be loaded.'));

class Store {
  #view = new StoreView({
    onVisit: (id) => this.#visit(id),
    onRandom: () => this.#visit(randomVisitor()),
    onBuy: (item) => this.#buy(item),
  });
  /** @type {StoreState} */
  #state = {
    items: [], link: { status: 'connecting' }, problem: '', receipts: new Map(), verdict: { kind: 'loading' },
    visitor: currentVisitor(),
  };
  /** @type {import('./session.js').Session | undefined} */
  #session;

  /** Shows the shelf first, and lets the experiment arrange it once it can. */
  async open() {
    const experiment = Promise.all([import('./session.js').catch(noSDK), loadConfig()]);
    experiment.catch(() => {}); // Awaited below, unless the catalogue fails first.
    try {
      this.#set({ items: await loadCatalogue() });
      const [{ Session }, config] = await experiment;
      this.#set({ config });
      this.#session = new Session(config, {
        onLink: (link) => this.#set({ link }),
        onDatafile: () => this.#set({ problem: '', verdict: this.#decide(this.#state.visitor) }),
        onNews: (before, after) => this.#tell(before, after),
        onReceipt: (item, receipt) => this.#file(item, receipt),
      });
      await this.#session.ready();
    } catch (error) {
      this.#set({ problem: sentenceOf(error), verdict: { kind: 'undecidable' } });
    }
  }

  /** @param {Partial<StoreState>} change */
  #set(change) {
    Object.assign(this.#state, change);
    this.#view.render(this.#state);
  }

  /** @type {import('./session.js').Listeners['onNews']} */
  #tell(before, after) {
    const key = this.#state.config?.experimentKey ?? '';
    const problem = hasExperiment(after, key) ? '' : `Revision ${after.revision} of the datafile has no experiment ${key}.`;
    if (problem) this.#set({ problem, verdict: { kind: 'undecidable' } });
    if (before) this.#view.tell(describeRevision(before, after), describeDifference(before, after));
  }

  /**
   * @param {string} visitor
   * @returns {StoreState['verdict']}
   */
  #decide(visitor) {
    if (!visitor) return { kind: 'nobody' };
    const variation = this.#session?.decide(visitor);
    if (!variation) return { kind: 'excluded', visitor };
    return { kind: 'decided', visitor, variation, order: this.#state.config?.sort[variation] };
  }

  /** @param {string} visitor */
  #visit(visitor) {
    remember('visitor', visitor);
    const { verdict } = this.#state;
    const decidable = verdict.kind !== 'loading' && verdict.kind !== 'undecidable';
    this.#set({ visitor, receipts: new Map(), verdict: decidable ? this.#decide(visitor) : verdict });
  }

  /** @param {import('../lib/catalogue.js').Item} item */
  #buy(item) {
    const { verdict, visitor } = this.#state;
    if (!visitor) this.#view.askWho();
    else if (verdict.kind === 'decided' || verdict.kind === 'excluded') this.#session?.buy(visitor, item);
    else this.#file(item, { visitor, status: 'refused', cents: 0, reason: 'the experiment is not running' });
  }

  /** @type {import('./session.js').Listeners['onReceipt']} */
  #file(item, receipt) {
    if (receipt.visitor !== this.#state.visitor) return;
    this.#set({ receipts: new Map(this.#state.receipts).set(item.id, receipt) });
    if (receipt.status === 'safe') this.#view.announce(`${item.name}: bought, and safe with the relay.`);
  }
}

new Store().open();
