import { unreadIn } from '../../lib/attributes.js';
import { find, setText } from '../../lib/dom.js';

/** @typedef {{isForced: boolean, isMissing: boolean, isChanged: boolean}} Difference from what the page does by itself; a variation may be missing */

/** Looks at the page as somebody else: another variation, other attributes. The attributes are edited beside it. */
export class OverridePanel {
  #summary;
  #variation;
  #reset;
  #outcome;
  #offered = '';
  /** Of the link that led here, until the panel is used. */
  #complaint = unreadIn(location.search);

  /**
   * @param {HTMLDetailsElement} root
   * @param {{onForce: (variation: string) => void, onReset: () => void, onCopy: () => void,
   *   onPhone: (opener: HTMLButtonElement) => void}} handlers '' forces nothing
   */
  constructor(root, { onForce, onReset, onCopy, onPhone }) {
    this.#summary = find(root, '[data-field="summary"]', HTMLElement);
    this.#variation = find(root, 'select', HTMLSelectElement);
    this.#reset = find(root, '[data-action="reset"]', HTMLButtonElement);
    this.#outcome = find(root, '[data-field="outcome"]', HTMLElement);
    this.#variation.addEventListener('change', () => onForce(this.#variation.value));
    this.#reset.addEventListener('click', () => {
      onReset();
      this.#variation.focus(); // the button is of no use any more
    });
    find(root, '[data-action="copy"]', HTMLButtonElement).addEventListener('click', onCopy);
    const body = find(root, '.override-body', HTMLElement);
    for (const use of ['input', 'click']) body.addEventListener(use, () => { this.#complaint = ''; }, true);
    const phone = find(root, '[data-action="phone"]', HTMLButtonElement);
    phone.addEventListener('click', () => onPhone(phone));
  }

  /**
   * @param {string} forced the variation's key, '' for none; a link may name one that there is not
   * @param {readonly string[]} variations that can be forced
   * @param {Difference} difference
   */
  update(forced, variations, { isForced, isMissing, isChanged }) {
    const keys = forced && !variations.includes(forced) ? [...variations, forced] : variations;
    if (keys.join('\n') !== this.#offered) {
      const [asDecided] = this.#variation.options;
      this.#variation.replaceChildren(asDecided, ...keys.map((key) => new Option(key, key)));
      this.#offered = keys.join('\n');
    }
    this.#variation.value = forced;
    this.#reset.disabled = forced === '' && !isChanged;
    setText(this.#summary, this.#complaint ? 'unreadable link' : isMissing ? 'no such variation' : isForced ? 'overridden' : isChanged ? 'other attributes' : '');
    setText(this.#outcome, this.#complaint);
  }

  /** @param {string} sentence what came of a button */
  tell(sentence) {
    setText(this.#outcome, sentence);
  }
}
