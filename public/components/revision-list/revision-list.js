import { element } from '../../lib/dom.js';

/** @typedef {{name: string, since: number, words: string}} Entry words: what it changed, in short */

const clock = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'medium' });

/** The revisions there were, the newest first; one of them is looked at. */
export class RevisionList {
  #root;
  #onChoose;

  /**
   * @param {HTMLElement} root a list
   * @param {{onChoose: (index: number) => void}} handlers
   */
  constructor(root, { onChoose }) {
    this.#root = root;
    this.#onChoose = onChoose;
  }

  /** @param {readonly Entry[]} entries @param {number} chosen index */
  update(entries, chosen) {
    const focused = [...this.#root.querySelectorAll('button')].indexOf(/** @type {any} */ (document.activeElement));
    const buttons = entries.map((entry, i) => this.#button(entry, i, i === chosen));
    this.#root.replaceChildren(...buttons.map((button) => element('li', '', button)));
    if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)]?.focus();
  }

  /** @param {Entry} entry @param {number} index @param {boolean} isChosen */
  #button({ name, since, words }, index, isChosen) {
    const time = Object.assign(element('time', 'revision-time', clock.format(since)), { dateTime: new Date(since).toISOString() });
    const title = element('span', 'revision-name', `Revision ${name}`);
    if (index === 0) title.append(' ', element('span', 'revision-now', 'decides now'));
    const button = element('button', 'revision-entry', title, time, element('span', 'revision-words', words));
    button.type = 'button';
    button.setAttribute('aria-pressed', String(isChosen));
    button.addEventListener('click', () => this.#onChoose(index));
    return button;
  }
}
