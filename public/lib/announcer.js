/** Says things to those who hear the page: one voice, never faster than one can listen. */

import { setText } from './dom.js';

/** What is said in between is passed over for what is said last. */
const BREATH_MS = 5000;

export class Announcer {
  #root;
  #spoken = -Infinity;
  #next = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Element} root of role status, which a screen reader reads when it is idle */
  constructor(root) {
    this.#root = root;
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#next = sentence;
    this.#timer ??= setTimeout(() => this.#speak(), Math.max(0, this.#spoken + BREATH_MS - performance.now()));
  }

  #speak() {
    this.#timer = undefined;
    this.#spoken = performance.now();
    setText(this.#root, this.#next);
  }
}
