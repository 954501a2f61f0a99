/** Says things to those who hear the page, by one voice: answers at once, news never faster than one can listen. */

import { find } from './dom.js';

/** News in between waits, and is then said in one go. */
const BREATH_MS = 5000;
/** Nobody listens to more in one go: of more the newest are said. */
const MOST = 5;

export class Announcer {
  #root;
  #spoken = -Infinity;
  /** What waits to be said, by what it is about. @type {Map<string, string>} */
  #waiting = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Element} root of role status, which a screen reader reads when it is idle */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} sentence with its full stop
   * @param {string} [about] what is said later about the same takes its place while it waits
   * @param {boolean} [isAnswer] to what the visitor did: it is said at once, and with it what waits
   */
  say(sentence, about = sentence, isAnswer) {
    this.#waiting.delete(about); // so that it comes last
    this.#waiting.set(about, sentence);
    if (this.#timer && !isAnswer) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#speak(), isAnswer ? 0 : Math.max(0, this.#spoken + BREATH_MS - performance.now()));
  }

  #speak() {
    this.#timer = undefined;
    this.#spoken = performance.now();
    this.#root.textContent = [...this.#waiting.values()].slice(-MOST).join(' '); // set anew, for it to be read even when it is the same
    this.#waiting.clear();
  }
}

/** @type {Announcer | undefined} */
let voice;

/**
 * Says news by the page's one voice, whoever says it.
 * @param {string} sentence with its full stop
 * @param {string} [about] what is said later about the same takes its place while it waits
 * @param {boolean} [isAnswer] see answer
 */
export function announce(sentence, about, isAnswer) {
  voice ??= new Announcer(find(document, '.js-announcer', HTMLElement));
  voice.say(sentence, about, isAnswer);
}

/**
 * Says at once what came of something the visitor did.
 * @param {string} sentence with its full stop
 */
export function answer(sentence) {
  announce(sentence, sentence, true);
}
