import { element, find, setText } from '../../lib/dom.js';
import { formatBytes } from '../../lib/figures.js';

/**
 * @typedef {import('../../lib/json-difference.js').DiffLine} DiffLine
 *
 * @typedef {object} Shown
 * @property {string} title
 * @property {string} text of the datafile
 * @property {string[]} changes in words; empty for the first datafile this browser saw
 * @property {string} movements whom it moved, '' when there is nothing to compare with, or it is not known yet
 * @property {string} command by which an operator goes back to this one, '' when it decides
 */

/** One revision: what it changed, whom it moved, its JSON, and how to go back to it. */
export class RevisionView {
  #title;
  #size;
  #changes;
  #movements;
  #difference;
  #json;
  #back;
  #command;
  #differenceOf;
  #text = '';

  /**
   * @param {HTMLElement} root
   * @param {{differenceOf: () => DiffLine[] | undefined}} handlers differenceOf: what the shown one changed, asked for when it is looked at
   */
  constructor(root, { differenceOf }) {
    this.#title = find(root, '[data-field="title"]', HTMLElement);
    this.#size = find(root, '[data-field="size"]', HTMLElement);
    this.#changes = find(root, '[data-field="changes"]', HTMLElement);
    this.#movements = find(root, '[data-field="movements"]', HTMLElement);
    this.#difference = find(root, '[data-field="difference"]', HTMLDetailsElement);
    this.#json = find(root, '[data-field="json"]', HTMLDetailsElement);
    this.#back = find(root, '[data-field="back"]', HTMLDetailsElement);
    this.#command = find(root, '[data-field="command"]', HTMLElement);
    this.#differenceOf = differenceOf;
    for (const details of [this.#difference, this.#json]) details.addEventListener('toggle', () => this.#fill());
  }

  /** @param {Shown} shown */
  update({ title, text, changes, movements, command }) {
    setText(this.#title, title);
    setText(this.#size, `${formatBytes(new TextEncoder().encode(text).length)} of JSON`);
    this.#changes.replaceChildren(...(changes.length ? changes : ['The first one this browser saw']).map((change) => element('li', '', change)));
    setText(this.#movements, movements);
    this.#difference.hidden = changes.length === 0;
    this.#back.hidden = command === '';
    setText(this.#command, command);
    this.#text = text;
    this.#fill();
  }

  /** What is closed is not made. */
  #fill() {
    if (!this.#text) return;
    find(this.#difference, '[data-field="lines"]', HTMLElement).replaceChildren(...this.#difference.open ? renderLines(this.#differenceOf()) : []);
    setText(find(this.#json, 'code', HTMLElement), this.#json.open ? JSON.stringify(JSON.parse(this.#text), null, 2) : '');
  }
}

/** @param {DiffLine[] | undefined} lines */
function renderLines(lines) {
  if (!lines) return [element('p', 'revision-none', 'Too much changed to show it line by line.')];
  if (lines.length === 0) return [element('p', 'revision-none', 'As JSON both are the same.')];
  const rows = lines.map(({ sign, text }) => {
    const row = element(sign === '+' ? 'ins' : sign === '-' ? 'del' : 'span', 'diff-line', `${sign} ${text}\n`);
    row.dataset.sign = sign;
    return row;
  });
  return [element('pre', 'revision-code', element('code', '', ...rows))];
}
