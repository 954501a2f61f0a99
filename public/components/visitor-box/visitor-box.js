import { find, setText } from '../../lib/dom.js';

/** Asks who is looking. Reports an id when one is submitted, and a wish for a random one. */
export class VisitorBox {
  #input;
  #hint;
  #usualHint;

  /**
   * @param {HTMLFormElement} form
   * @param {{onVisit: (id: string) => void, onRandom: () => void}} handlers the id is trimmed and never empty
   */
  constructor(form, { onVisit, onRandom }) {
    this.#input = find(form, 'input', HTMLInputElement);
    this.#hint = find(form, '[data-field="hint"]', HTMLElement);
    this.#usualHint = this.#hint.textContent ?? '';
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const id = this.#input.value.trim();
      if (!id) return this.ask('Type a name or an id first.');
      this.update(id);
      this.#input.value = id;
      onVisit(id);
    });
    find(form, '[data-action="random"]', HTMLButtonElement).addEventListener('click', onRandom);
  }

  /**
   * A question asked before is answered by this; what somebody is about to type stays theirs.
   * @param {string} id who is looking now
   */
  update(id) {
    this.#hint.removeAttribute('data-urgent');
    setText(this.#hint, this.#usualHint);
    if (document.activeElement !== this.#input) this.#input.value = id;
  }

  /** @param {string} question shown under the box, which takes the focus */
  ask(question) {
    this.#hint.setAttribute('data-urgent', '');
    setText(this.#hint, question);
    this.#input.focus();
  }
}
