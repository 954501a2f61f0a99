import { setText } from '../../lib/dom.js';

/** One sentence about what does not work, read out at once by a screen reader (its element has role=alert). */
export class Notice {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {string} sentence '' when all is well */
  update(sentence) {
    setText(this.#root, sentence);
  }
}
