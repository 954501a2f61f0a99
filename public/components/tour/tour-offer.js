import { setText } from '../../lib/dom.js';

/** @typedef {'new' | 'on' | 'taken'} TourState */

/** Offers the tour, quietly, and takes the focus back at its end. */
export class TourOffer {
  #root;
  /** @type {TourState | undefined} */
  #state;

  /**
   * @param {HTMLButtonElement} root
   * @param {{onTake: () => void}} handlers
   */
  constructor(root, { onTake }) {
    this.#root = root;
    root.addEventListener('click', onTake);
  }

  /** @param {TourState} state */
  update(state) {
    if (state === 'taken') setText(this.#root, 'Take the tour again');
    if (state === 'taken' && this.#state === 'on') this.#root.focus();
    this.#state = state;
  }
}
