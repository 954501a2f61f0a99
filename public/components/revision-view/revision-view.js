import { element, find, setText } from '../../lib/dom.js';
import { formatBytes, formatCount } from '../../lib/figures.js';

/**
 * @typedef {import('../../lib/json-difference.js').DiffLine} DiffLine
 * @typedef {import('../../lib/movers.js').Movement} Movement
 *
 * @typedef {object} Shown
 * @property {string} title
 * @property {string} text of the datafile
 * @property {string[]} changes in words; empty for the first datafile this browser saw
 * @property {Movement[] | undefined} movements undefined when there is nothing to compare with, or it is not known yet
 * @property {number} visitors of whom they are
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
  update({ title, text, changes, movements, visitors, command }) {
    setText(this.#title, title);
    setText(this.#size, `${formatBytes(new TextEncoder().encode(text).length)} of JSON`);
    this.#changes.replaceChildren(...(changes.length ? changes : ['The first one this browser saw']).map((change) => element('li', '', change)));
    setText(this.#movements, movements ? wordsOf(movements, visitors) : '');
    this.#difference.hidden = changes.length === 0;
    this.#back.hidden = command === '';
    setText(this.#command, command);
    this.#text = text;
    this.#fill();
  }

  /** What is closed is not made. */
  #fill() {
    find(this.#difference, '[data-field="lines"]', HTMLElement).replaceChildren(...this.#difference.open ? renderLines(this.#differenceOf()) : []);
    setText(find(this.#json, 'code', HTMLElement), this.#json.open ? JSON.stringify(JSON.parse(this.#text), null, 2) : '');
  }
}

/** @param {Movement[]} movements @param {number} visitors */
function wordsOf(movements, visitors) {
  const moved = movements.map(({ name, moved: count }) => `${formatCount(count)} ${count === 1 ? 'gets' : 'get'} another variation of ${name}`);
  return `Of ${formatCount(visitors)} made-up visitors ${moved.length ? moved.join(', ') : 'nobody gets another variation'}.`;
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
