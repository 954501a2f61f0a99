import { element, find, setText } from '../../lib/dom.js';

const SHOWN_MS = 10_000;

/** A passing message in the corner. It waits while it is pointed at or holds the focus. */
export class Toast {
  #root;
  #title;
  #lines;
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
    for (const pause of ['pointerenter', 'focusin']) root.addEventListener(pause, () => clearTimeout(this.#timer));
    for (const resume of ['pointerleave', 'focusout']) root.addEventListener(resume, () => this.#expire());
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

  #expire() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), SHOWN_MS);
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#root.hidden = true;
  }
}
