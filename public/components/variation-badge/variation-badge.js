import { isolated } from '../../lib/bidi.js';
import { isSorted } from '../../lib/catalogue.js';
import { short } from '../../lib/change.js';
import { constancyInWords } from '../../lib/constancy.js';
import { element, find, setText } from '../../lib/dom.js';
import { REFUSED_ID } from '../../lib/visitor.js';

/**
 * What a visitor sees, and why: `loading` until the engine is there, `nobody` without a visitor, `refused` for an id that nobody can
 * have, `decided` with a variation, `excluded` when the experiment leaves the visitor out, `undecidable` when there is no engine or datafile.
 * The order of a variation is undefined when the settings name none for it. A variation that is forced was not decided; one that was to be
 * forced, but that the experiment does not have, is the missing one, '' when none is.
 * @typedef {{kind: 'loading' | 'nobody' | 'refused' | 'undecidable'}
 *   | {kind: 'decided', visitor: string, variation: string, order: string | undefined, isForced: boolean, missing: string}
 *   | {kind: 'excluded', visitor: string, missing: string}} Verdict
 */

const PROMISE = 'Same id, same variation: on every visit, in every browser.';
const NO_ORDER = 'No order is set for this variation: ours stays.';
const FORCED = 'You chose this variation: nothing is sent, and nothing counted.';
const LEFT_OUT = 'The experiment is not running, or leaves this visitor out.';

/** Reads out the decision for one visitor. */
export class VariationBadge {
  #root;
  #claim;
  #experiment;
  #variation;
  #note;
  #why;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#claim = find(root, '[data-field="claim"]', HTMLElement);
    this.#experiment = find(root, '[data-field="experiment"]', HTMLElement);
    this.#variation = find(root, '[data-field="variation"]', HTMLElement);
    this.#note = find(root, '[data-field="note"]', HTMLElement);
    this.#why = find(root, '[data-field="why"]', HTMLAnchorElement);
  }

  /**
   * @param {Verdict} verdict
   * @param {string} experimentKey
   * @param {import('../../lib/constancy.js').Constancy | undefined} constancy of it, once that was tried
   * @param {string} why the question to the console, as it stands in an address
   */
  update(verdict, experimentKey, constancy, why) {
    this.#root.dataset.kind = verdict.kind;
    this.#root.toggleAttribute('data-forced', verdict.kind === 'decided' && verdict.isForced);
    const note = noteOn(verdict, constancy);
    this.#note.dataset.tone = note.tone;
    this.#claim.replaceChildren(...claim(verdict));
    tell(this.#experiment, experimentKey || '–');
    tell(this.#variation, variationOf(verdict));
    setText(this.#note, note.words);
    this.#why.search = why;
  }
}

/** Keys may be longer than there is room. @param {HTMLElement} place @param {string} key */
function tell(place, key) {
  setText(place, key);
  place.title = key;
}

/**
 * @param {Verdict} verdict
 * @param {import('../../lib/constancy.js').Constancy | undefined} constancy
 * @returns {{words: string, tone: '' | 'good' | 'bad'}}
 */
function noteOn(verdict, constancy) {
  const isDecided = verdict.kind === 'decided';
  if (verdict.kind === 'refused') return { words: REFUSED_ID, tone: 'bad' };
  if (!isDecided && verdict.kind !== 'excluded') return { words: PROMISE, tone: '' };
  if (verdict.missing) return { words: `There is no variation ${isolated(short(verdict.missing))}: nothing is sent, and nothing counted.`, tone: 'bad' };
  if (isDecided && verdict.isForced) return { words: FORCED, tone: '' };
  const tried = constancy && constancyInWords(constancy, isDecided ? verdict.variation : null);
  if (tried && !tried.holds) return { words: tried.words, tone: 'bad' };
  if (!isDecided) return { words: LEFT_OUT, tone: '' };
  if (!verdict.order) return { words: NO_ORDER, tone: '' };
  return tried ? { words: tried.words, tone: 'good' } : { words: PROMISE, tone: '' };
}

/** @param {Verdict} verdict */
function variationOf(verdict) {
  if (verdict.kind === 'decided') return verdict.variation;
  return verdict.kind === 'excluded' ? 'none' : '–';
}

/**
 * @param {Verdict} verdict
 * @returns {string} such as "Matt sees: sorted by price"
 */
export function inWords(verdict) {
  return claim(verdict).map((part) => (typeof part === 'string' ? part : part.textContent)).join('');
}

/**
 * @param {Verdict} verdict
 * @returns {(Node | string)[]}
 */
function claim(verdict) {
  switch (verdict.kind) {
    case 'loading':
      return ['Engine loading…'];
    case 'nobody':
      return ['Nobody is looking yet'];
    case 'refused':
      return ['Nobody can have this id'];
    case 'undecidable':
      return ['No decision possible'];
    case 'excluded':
      return [element('bdi', '', verdict.visitor), ' sees: our own order'];
    case 'decided':
      return [element('bdi', '', verdict.visitor), ' sees: ',
        element('em', '', isSorted(verdict.order) ? `sorted by ${verdict.order}` : 'our own order')];
  }
}
