/** The store as it is seen: finds the page's parts, hands each its share of the state, and knows nothing else. */

import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { Shelf } from '../components/shelf/shelf.js';
import { Toast } from '../components/toast/toast.js';
import { VariationBadge, inWords } from '../components/variation-badge/variation-badge.js';
import { VisitorBox } from '../components/visitor-box/visitor-box.js';
import { sortItems } from '../lib/catalogue.js';
import { find, setText } from '../lib/dom.js';
import { sentenceOf } from '../lib/sentence.js';
import { showInAddress } from '../lib/visitor.js';

/** @typedef {import('../lib/catalogue.js').Item} Item */

/**
 * @typedef {object} StoreState
 * @property {import('../lib/config.js').Config} [config] missing until it is read
 * @property {Item[]} items in the shop's own order
 * @property {import('../components/connection-chip/connection-chip.js').Link} link
 * @property {string} problem one sentence, '' when all is well
 * @property {ReadonlyMap<string, import('../components/shelf/shelf.js').Receipt>} receipts by item id
 * @property {import('../components/variation-badge/variation-badge.js').Verdict} verdict
 * @property {string} visitor '' while nobody is looking
 */

export class StoreView {
  #announcer = find(document, '.js-announcer', HTMLElement);
  #badge = new VariationBadge(find(document, '.js-variation-badge', HTMLElement));
  #box;
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #shelf;
  #toast = new Toast(find(document, '.js-toast', HTMLElement));
  #visitor = '';
  #words = '';

  /** @param {{onVisit: (id: string) => void, onRandom: () => void, onBuy: (item: Item) => void}} handlers */
  constructor({ onVisit, onRandom, onBuy }) {
    this.#box = new VisitorBox(find(document, '.js-visitor-box', HTMLFormElement), { onVisit, onRandom });
    this.#shelf = new Shelf(find(document, '.js-shelf', HTMLElement), { onBuy });
  }

  /** @param {StoreState} state */
  render({ config, items, link, problem, receipts, verdict, visitor }) {
    const order = verdict.kind === 'decided' ? verdict.order : undefined;
    this.#badge.update(verdict, config?.experimentKey ?? '');
    this.#chip.update(problem && link.status === 'connecting' ? { status: 'offline' } : link);
    this.#notice.update(problem ? `${problem} ${consequenceFor(items)}` : complaintOf(link));
    this.#shelf.update(sortItems(items, order), order, receipts);
    this.#sayOnce(inWords(verdict));
    if (visitor === this.#visitor) return;
    this.#visitor = visitor;
    this.#box.update(visitor);
    showInAddress(visitor);
  }

  /** @param {string} words announced when they differ from those before */
  #sayOnce(words) {
    if (this.#words && words !== this.#words) this.announce(words);
    this.#words = words;
  }

  askWho() {
    this.#box.ask('Who is buying? Type a name, or take a random visitor.');
  }

  /** @param {string} sentence read out by a screen reader when it is idle */
  announce(sentence) {
    setText(this.#announcer, sentence);
  }

  /**
   * Shows news in passing, and has it read out.
   * @param {string} title
   * @param {string[]} lines
   */
  tell(title, lines) {
    this.#toast.show(title, lines);
    this.announce(`${title}: ${lines.join(', ')}.`);
  }
}

/** @param {readonly Item[]} items */
function consequenceFor(items) {
  return items.length ? 'The shelf stays in our own order.' : 'The shelf is empty.';
}

/**
 * A line that is being mended needs no words: the chip tells. What stays amiss does, such as a newest datafile that is bad.
 * @param {StoreState['link']} link
 */
function complaintOf({ status, revision, error }) {
  if (!error || status === 'connecting' || status === 'reconnecting') return '';
  return revision ? `${sentenceOf(error)} Revision ${revision} stays in force.` : sentenceOf(error);
}
