import { element, find, setText } from '../../lib/dom.js';

const SHOWN_MS = 10_000;

/** A passing message in the corner. It waits while it is pointed at or holds the focus. */
export class Toast {
  #root;
  #title;
  #lines;
  /** What keeps it: being pointed at, having the focus, or both. @type {Set<string>} */
  #kept = new Set();
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
    });
    for (const [begin, end] of [['pointerenter', 'pointerleave'], ['focusin', 'focusout']]) {
      root.addEventListener(begin, () => this.#keep(begin, true));
      root.addEventListener(end, () => this.#keep(begin, false));
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

  /** @param {string} reason @param {boolean} isSo */
  #keep(reason, isSo) {
    if (isSo) this.#kept.add(reason);
    else this.#kept.delete(reason);
    this.#expire();
  }

  #expire() {
    clearTimeout(this.#timer);
    if (this.#kept.size > 0) return;
    this.#timer = setTimeout(() => this.#hide(), SHOWN_MS);
  }

  #hide() {
    if (this.#root.contains(document.activeElement)) this.#before?.focus(); // else the focus would be lost; what is gone does not take it
    this.#before = undefined;
    clearTimeout(this.#timer);
    this.#kept.clear(); // what is hidden may not hear the end of it
    this.#root.hidden = true;
  }
}
