/** The store as it is seen: finds the page's parts, hands each its share of the state, and knows nothing else. */

import { AllocationPanel } from '../components/allocation-panel/allocation-panel.js';
import { AttributeEditor } from '../components/attribute-editor/attribute-editor.js';
import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { OverridePanel } from '../components/override-panel/override-panel.js';
import { Shelf } from '../components/shelf/shelf.js';
import { Toast } from '../components/toast/toast.js';
import { TourOffer } from '../components/tour/tour-offer.js';
import { VariationBadge, inWords } from '../components/variation-badge/variation-badge.js';
import { VisitorBox } from '../components/visitor-box/visitor-box.js';
import { isEditable } from '../lib/allocation.js';
import { announce, answer } from '../lib/announcer.js';
import { attributesText, usualAttributes } from '../lib/attributes.js';
import { sortItems } from '../lib/catalogue.js';
import { complaintOf } from '../lib/complaint.js';
import { find } from '../lib/dom.js';
import { searchOf } from '../lib/question.js';
import { showInAddress } from '../lib/visitor.js';

/** @typedef {import('../lib/catalogue.js').Item} Item */
/** @typedef {import('../lib/visitor.js').Look} Look */

/**
 * @typedef {object} StoreState
 * @property {import('../lib/config.js').Config} [config] missing until it is read
 * @property {import('../lib/datafile.js').Datafile} [datafile] that decides
 * @property {import('../lib/datafile.js').Rule} [experiment] that sorts the shelf, when the datafile has it
 * @property {Item[]} items in the shop's own order
 * @property {import('../components/connection-chip/connection-chip.js').Link} link
 * @property {string} misfit where settings and datafile disagree, one sentence, '' when they do not
 * @property {string} problem why nothing will ever be decided, one sentence, '' when all is well
 * @property {ReadonlyMap<string, import('../components/shelf/shelf.js').Receipt>} receipts by item id
 * @property {import('../components/allocation-panel/allocation-panel.js').Saving} saving of another allocation
 * @property {import('../components/variation-badge/variation-badge.js').Verdict} verdict
 * @property {import('../lib/constancy.js').Constancy} [constancy] of the verdict, once that was tried
 * @property {Look} look who is looking, and as what
 * @property {import('../components/tour/tour-offer.js').TourState} tour
 */

const NO_DATAFILE = 'The relay has sent no datafile yet: this page goes on asking.';
const ELSEWHERE = 'A change of the experiment at its source arrives here by itself.';
const NOTHING_TO_CHANGE = 'There is no experiment to change.';

export class StoreView {
  #allocation;
  #attributes;
  #badge = new VariationBadge(find(document, '.js-variation-badge', HTMLElement));
  #box;
  /** @type {import('../components/qr-code/qr-code.js').QrCode | undefined} */
  #code;
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLButtonElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #override;
  #shelf;
  #toast = new Toast(find(document, '.js-toast', HTMLElement));
  #tour;
  /** @type {Look | undefined} */
  #look;
  #words = '';

  /**
   * @param {{onVisit: (id: string) => void, onRandom: () => void, onBuy: (item: Item) => void, onAllocate: (shares: number[]) => void,
   *   onLook: (change: Partial<Look>) => void, onReset: () => void, onTour: () => void}} handlers
   */
  constructor({ onVisit, onRandom, onBuy, onAllocate, onLook, onReset, onTour }) {
    this.#attributes = new AttributeEditor(find(document, '.js-attributes', HTMLElement), { onChange: (attributes) => onLook({ attributes }) });
    this.#override = new OverridePanel(find(document, '.js-override', HTMLDetailsElement), {
      onForce: (forced) => onLook({ forced }), onReset, onCopy: () => this.#copy(), onPhone: (opener) => this.#showCode(opener),
    });
    this.#allocation = new AllocationPanel(find(document, '.js-allocation', HTMLElement), { onApply: onAllocate });
    this.#box = new VisitorBox(find(document, '.js-visitor-box', HTMLFormElement), { onVisit, onRandom });
    this.#shelf = new Shelf(find(document, '.js-shelf', HTMLElement), { onBuy });
    this.#tour = new TourOffer(find(document, '.js-tour', HTMLButtonElement), { onTake: onTour });
  }

  /** @param {StoreState} state */
  render(state) {
    const { config, constancy, items, link, look, receipts, tour, verdict } = state;
    const order = verdict.kind === 'decided' ? verdict.order : undefined;
    this.#badge.update(verdict, config?.experimentKey ?? '', constancy, questionOf(state));
    this.#chip.update(state.problem && link.status === 'connecting' ? { status: 'offline', fault: 'page' } : link);
    this.#notice.update(complaintIn(state));
    const canEdit = isEditable(config, location.origin);
    const nothing = verdict.kind === 'undecidable' ? NOTHING_TO_CHANGE : ''; // or it is still to come
    this.#allocation.update(canEdit ? state.experiment : undefined, canEdit ? nothing : ELSEWHERE, state.saving);
    this.#shelf.update(sortItems(items, order), order, receipts);
    this.#tour.update(tour);
    this.#sayOnce(inWords(verdict), look !== this.#look);
    this.#renderOverride(state);
    if (look === this.#look) return;
    if (look.visitor !== this.#look?.visitor) this.#box.update(look.visitor);
    if (this.#look || look.visitor) showInAddress(look);
    this.#code?.update(location.href);
    this.#look = look;
  }

  /** @param {StoreState} state */
  #renderOverride({ datafile, experiment, look, verdict }) {
    const isForced = verdict.kind === 'decided' && verdict.isForced;
    const isMissing = 'missing' in verdict && verdict.missing !== '';
    const isChanged = attributesText(look.attributes) !== attributesText(usualAttributes());
    const variations = experiment?.variations?.map(({ key }) => key) ?? [];
    this.#override.update(look.forced, variations, { isForced, isMissing, isChanged });
    this.#attributes.update(look.attributes, datafile?.attributes?.map(({ key }) => key) ?? []);
  }

  async #copy() {
    this.#answer(await copy(location.href).then(
      () => 'Copied: the link opens the store as you see it.',
      () => 'This browser does not let a page copy: take the link from the address bar.',
    ));
  }

  /** Shows the link as a code, which is loaded when it is wanted. @param {HTMLButtonElement} opener */
  async #showCode(opener) {
    try {
      const { QrCode } = await import('../components/qr-code/qr-code.js');
      if (this.#code) return; // its opener shows it
      this.#code = new QrCode(opener);
      this.#code.update(location.href);
      this.#code.show();
    } catch {
      this.#answer('The code could not be loaded. Is there a network? Try it again.');
    }
  }

  /** @param {string} sentence what came of a button of the panel */
  #answer(sentence) {
    this.#override.tell(sentence);
    answer(sentence);
  }

  /** @param {string} words said when they differ from those before @param {boolean} isAnswer whether the visitor changed who looks */
  #sayOnce(words, isAnswer) {
    if (this.#words && words !== this.#words) announce(`${words}.`, 'verdict', isAnswer);
    this.#words = words;
  }

  askWho() {
    this.#box.ask('Who is buying? Type a name, or take a random visitor.');
  }

  /**
   * Shows news in passing, and has it read out.
   * @param {string} title
   * @param {string[]} lines
   */
  tell(title, lines) {
    this.#toast.show(title, lines);
    announce(`${title}: ${lines.join(', ')}.`);
  }
}

/** @param {string} text */
async function copy(text) {
  await navigator.clipboard.writeText(text); // on plain http there is no clipboard
}

/**
 * Why this visitor gets what they get, asked in the console's address.
 * @param {StoreState} state
 */
function questionOf({ config, look }) {
  if (!config || !look.visitor) return '';
  return searchOf({ ...look, kind: 'experiment', key: config.experimentKey, remembered: '' }, '');
}

/**
 * What is to be said, the gravest first.
 * @param {StoreState} state
 */
function complaintIn({ config, datafile, items, link, misfit, problem, verdict }) {
  const lack = verdict.kind === 'undecidable' && !datafile ? NO_DATAFILE : '';
  const complaint = problem || complaintOf(link, config && !config.isServed ? config.relayUrl : '') || misfit || lack || (config?.complaint ?? '');
  const isSorted = verdict.kind !== 'loading' && verdict.kind !== 'undecidable';
  if (!complaint || isSorted) return complaint;
  return `${complaint} ${items.length ? 'The shelf stays in our own order.' : 'The shelf is empty.'}`;
}
