/** The store as it is seen: finds the page's parts, hands each its share of the state, and knows nothing else. */

import { AllocationPanel } from '../components/allocation-panel/allocation-panel.js';
import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { Shelf } from '../components/shelf/shelf.js';
import { Toast } from '../components/toast/toast.js';
import { VariationBadge, inWords } from '../components/variation-badge/variation-badge.js';
import { VisitorBox } from '../components/visitor-box/visitor-box.js';
import { isEditable } from '../lib/allocation.js';
import { sortItems } from '../lib/catalogue.js';
import { complaintOf } from '../lib/complaint.js';
import { find, setText } from '../lib/dom.js';
import { searchOf } from '../lib/question.js';
import { showInAddress } from '../lib/visitor.js';

/** @typedef {import('../lib/catalogue.js').Item} Item */

/**
 * @typedef {object} StoreState
 * @property {import('../lib/config.js').Config} [config] missing until it is read
 * @property {import('../lib/datafile.js').Datafile} [datafile] that decides
 * @property {import('../lib/datafile.js').Rule} [experiment] that sorts the shelf, when the datafile has it
 * @property {Item[]} items in the shop's own order
 * @property {import('../components/connection-chip/connection-chip.js').Link} link
 * @property {string} misfit where settings and datafile disagree, one sentence, '' when they do not
 * @property {string} problem why nothing can be decided, one sentence, '' when all is well
 * @property {ReadonlyMap<string, import('../components/shelf/shelf.js').Receipt>} receipts by item id
 * @property {import('../components/allocation-panel/allocation-panel.js').Saving} saving of another allocation
 * @property {import('../components/variation-badge/variation-badge.js').Verdict} verdict
 * @property {string} visitor '' while nobody is looking
 * @property {Record<string, string>} attributes what every visitor of this page has
 */

const ELSEWHERE = 'A change of the experiment at its source arrives here by itself.';

export class StoreView {
  #allocation;
  #announcer = find(document, '.js-announcer', HTMLElement);
  #badge = new VariationBadge(find(document, '.js-variation-badge', HTMLElement));
  #box;
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #shelf;
  #toast = new Toast(find(document, '.js-toast', HTMLElement));
  #visitor = '';
  #words = '';

  /** @param {{onVisit: (id: string) => void, onRandom: () => void, onBuy: (item: Item) => void, onAllocate: (shares: number[]) => void}} handlers */
  constructor({ onVisit, onRandom, onBuy, onAllocate }) {
    this.#allocation = new AllocationPanel(find(document, '.js-allocation', HTMLElement), { onApply: onAllocate });
    this.#box = new VisitorBox(find(document, '.js-visitor-box', HTMLFormElement), { onVisit, onRandom });
    this.#shelf = new Shelf(find(document, '.js-shelf', HTMLElement), { onBuy });
  }

  /** @param {StoreState} state */
  render(state) {
    const { config, items, link, receipts, verdict, visitor } = state;
    const order = verdict.kind === 'decided' ? verdict.order : undefined;
    this.#badge.update(verdict, config?.experimentKey ?? '', questionOf(state));
    this.#chip.update(state.problem && link.status === 'connecting' ? { status: 'offline' } : link);
    this.#notice.update(complaintIn(state));
    const canEdit = isEditable(config, location.origin);
    this.#allocation.update(canEdit ? state.experiment : undefined, canEdit ? '' : ELSEWHERE, state.saving);
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

/**
 * Why this visitor gets what they get, asked in the console's address.
 * @param {StoreState} state
 */
function questionOf({ config, visitor, attributes }) {
  if (!config || !visitor) return '';
  return searchOf({ visitor, attributes, kind: 'experiment', key: config.experimentKey, forced: '', remembered: '' }, '');
}

/**
 * What is to be said, the gravest first.
 * @param {StoreState} state
 */
function complaintIn({ config, items, link, misfit, problem, verdict }) {
  const complaint = problem || complaintOf(link, config?.relayUrl ?? '') || misfit || (config?.complaint ?? '');
  const isSorted = verdict.kind === 'decided' || verdict.kind === 'excluded' || verdict.kind === 'nobody';
  if (!complaint || isSorted) return complaint;
  return `${complaint} ${items.length ? 'The shelf stays in our own order.' : 'The shelf is empty.'}`;
}
