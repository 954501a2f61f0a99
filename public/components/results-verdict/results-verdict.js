import { find, setText } from '../../lib/dom.js';

/** @typedef {import('../../lib/verdict.js').Verdict} Verdict */

const SIGNS = { waiting: '○', collecting: '…', winner: '▲', loser: '▼', inconclusive: '–', broken: '✕' };

/** Says in a sentence or two how an experiment stands. */
export class ResultsVerdict {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {Verdict} verdict */
  update({ kind, title, detail }) {
    this.#root.dataset.kind = kind;
    setText(find(this.#root, '[data-field="sign"]', HTMLElement), SIGNS[kind]);
    setText(find(this.#root, '[data-field="title"]', HTMLElement), title);
    setText(find(this.#root, '[data-field="detail"]', HTMLElement), detail);
  }
}
