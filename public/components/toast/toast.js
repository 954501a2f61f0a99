import { element, find, setText } from '../../lib/dom.js';

const SHOWN_MS = 10_000;

/** A passing message in the corner. It waits while it is pointed at or holds the focus. */
export class Toast {
  #root;
  #title;
  #lines;
  #isPointedAt = false;
  /** What had the focus before. @type {HTMLElement | undefined} */
  #before;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#title = find(root, '[data-field="title"]', HTMLElement);
    this.#lines = find(root, '[data-field="lines"]', HTMLElement);
    find(root, '[data-action="close"]', HTMLButtonElement).addEventListener('click', () => this.#hide());
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#hide();
    });
    root.addEventListener('focusin', ({ relatedTarget: from }) => {
      if (from instanceof HTMLElement && !root.contains(from)) this.#before = from;
      this.#expire();
    });
    root.addEventListener('focusout', () => this.#expire());
    for (const turn of ['pointerenter', 'pointerleave']) {
      root.addEventListener(turn, () => {
        this.#isPointedAt = turn === 'pointerenter';
        this.#expire();
      });
    }
  }

  /**
   * Replaces whatever was shown.
   * @param {string} title
   * @param {string[]} lines
   */
  show(title, lines) {
    setText(this.#title, title);
    this.#lines.replaceChildren(...lines.map((line) => element('li', '', line)));
    this.#root.hidden = false;
    this.#expire();
  }

  get #hasFocus() {
    return this.#root.contains(document.activeElement);
  }

  #expire() {
    clearTimeout(this.#timer);
    if (this.#isPointedAt || this.#hasFocus) return;
    this.#timer = setTimeout(() => this.#hide(), SHOWN_MS);
  }

  #hide() {
    if (this.#hasFocus) this.#before?.focus(); // else the focus would be lost; what is gone does not take it
    this.#before = undefined;
    clearTimeout(this.#timer);
    this.#isPointedAt = false; // what is hidden may not hear the end of it
    this.#root.hidden = true;
  }
}
