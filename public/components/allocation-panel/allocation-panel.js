import { moveShare, sharesOf } from '../../lib/allocation.js';
import { element, find, setText } from '../../lib/dom.js';

/** @typedef {import('../../lib/datafile.js').Rule} Rule */

/** @typedef {{state: 'ready' | 'saving' | 'saved' | 'refused', sentence: string}} Saving */

const LEFT_OUT = 'nobody';

/**
 * Moves the traffic of an experiment. Its sliders are linked: they always sum to 100 %. They follow the experiment until
 * someone moves one of them, and again once that is saved; what is moved meanwhile stays, to be saved after it.
 */
export class AllocationPanel {
  #panel;
  #elsewhere;
  #summary;
  #bar;
  #rows;
  #button;
  #outcome;
  #onMove;
  /** @type {Slider[]} */
  #sliders = [];
  /** The experiment shown, as JSON of what matters here. */
  #shown = '';
  /** @type {number[]} shares on the sliders; the last one is left out */
  #shares = [];
  #isEdited = false;
  /** The shares that were sent to be saved. @type {number[] | undefined} */
  #sent;
  /** @type {Saving | undefined} what was last heard of it */
  #saving;

  /**
   * @param {HTMLElement} root
   * @param {object} handlers each given a share in per cent for each variation
   * @param {(shares: number[]) => void} handlers.onApply
   * @param {(shares: number[]) => void} [handlers.onMove] told while a slider moves
   */
  constructor(root, { onApply, onMove = () => {} }) {
    this.#onMove = onMove;
    this.#panel = find(root, 'details', HTMLDetailsElement);
    this.#elsewhere = find(root, '[data-field="elsewhere"]', HTMLElement);
    this.#summary = find(root, '[data-field="summary"]', HTMLElement);
    this.#bar = find(root, '[data-field="bar"]', HTMLElement);
    this.#rows = find(root, '[data-field="rows"]', HTMLElement);
    this.#button = find(root, 'button', HTMLButtonElement);
    this.#outcome = find(root, '[data-field="outcome"]', HTMLElement);
    find(root, 'form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#button.disabled) return;
      this.#sent = this.#shares;
      onApply(this.#shares.slice(0, -1));
    });
  }

  /**
   * @param {Rule | undefined} experiment undefined when this page cannot change it
   * @param {string} elsewhere what to say then
   * @param {Saving} saving
   */
  update(experiment, elsewhere, saving) {
    this.#panel.hidden = !experiment;
    setText(this.#elsewhere, experiment ? '' : elsewhere);
    if (saving !== this.#saving) this.#hear(saving);
    if (experiment) this.#follow(experiment);
    this.#button.disabled = saving.state === 'saving' || !this.#isEdited;
  }

  /** What somebody moved the sliders to, in per cent, one a variation; undefined while they follow the experiment. */
  get edited() {
    return this.#isEdited ? this.#shares.slice(0, -1) : undefined;
  }

  /** @param {Saving} saving a step further */
  #hear(saving) {
    this.#saving = saving;
    if (saving.state === 'saved' && this.#shares === this.#sent) this.#isEdited = false;
    this.#outcome.dataset.state = saving.state;
    setText(this.#outcome, saving.sentence);
  }

  /** @param {Rule} experiment */
  #follow(experiment) {
    const shares = sharesOf(experiment);
    setText(this.#summary, `${shares.slice(0, -1).join('/')}`);
    const shown = JSON.stringify([experiment.variations, shares.at(-1)]);
    if (shown !== this.#shown) this.#build(experiment, shares);
    this.#shown = shown;
    if (!this.#isEdited) this.#show(shares);
  }

  /**
   * Makes a slider for each variation, and one for those left out when there are any.
   * @param {Rule} experiment
   * @param {number[]} shares
   */
  #build({ variations = [] }, shares) {
    const names = [...variations.map(({ key }) => key), LEFT_OUT];
    const shown = shares.at(-1) ? names : names.slice(0, -1);
    this.#isEdited = false;
    this.#sliders = shown.map((name, i) => new Slider(name, i, (share) => this.#move(i, share)));
    this.#rows.replaceChildren(...this.#sliders.map((slider) => slider.root));
    this.#bar.replaceChildren(...this.#sliders.map(() => element('span', 'allocation-part')));
  }

  /**
   * @param {number} index
   * @param {number} share
   */
  #move(index, share) {
    const linked = this.#shares.slice(0, this.#sliders.length);
    const moved = moveShare(linked, index, share);
    this.#isEdited = true;
    this.#button.disabled = this.#saving?.state === 'saving';
    setText(this.#outcome, '');
    this.#show([...moved, ...this.#shares.slice(linked.length)]);
    this.#onMove(this.#shares.slice(0, -1));
  }

  /** @param {number[]} shares */
  #show(shares) {
    this.#shares = shares;
    for (const [i, slider] of this.#sliders.entries()) {
      slider.update(shares[i]);
      const part = /** @type {HTMLElement} */ (this.#bar.children[i]);
      part.hidden = shares[i] === 0; // or the gap beside it stays
      part.style.setProperty('flex-grow', String(shares[i]));
    }
  }
}

/** One variation's share. */
class Slider {
  root;
  #input = element('input', 'allocation-slider');
  #value = element('span', 'allocation-share figure');

  /**
   * @param {string} name
   * @param {number} index
   * @param {(share: number) => void} onMove
   */
  constructor(name, index, onMove) {
    const input = this.#input;
    Object.assign(input, { type: 'range', id: `allocation-${index}`, min: '0', max: '100', step: '1' });
    input.addEventListener('input', () => onMove(input.valueAsNumber));
    const label = element('label', 'allocation-name', name);
    label.htmlFor = input.id;
    this.root = element('div', 'allocation-row', label, input, this.#value);
  }

  /** @param {number} share */
  update(share) {
    if (this.#input.valueAsNumber !== share) this.#input.value = String(share);
    this.#input.setAttribute('aria-valuetext', `${share} per cent`);
    this.#input.style.setProperty('--share', `${share}%`);
    setText(this.#value, `${share}%`);
  }
}
