import { element, find, setText } from '../../lib/dom.js';

/** What is said of something that takes a while: while it is found out, and once it is. @typedef {{state: 'ready' | 'busy' | 'good' | 'bad', words: string}} Finding */

/** Shows what is known of the engine in this page, and finds out more when asked to. */
export class EngineReport {
  #facts;
  #pace;
  #agreement;

  /**
   * @param {HTMLElement} root
   * @param {{onMeasure: () => void, onCompare: () => void}} handlers
   */
  constructor(root, { onMeasure, onCompare }) {
    this.#facts = find(root, '[data-field="facts"]', HTMLElement);
    this.#pace = new Part(find(root, '[data-part="pace"]', HTMLElement), onMeasure);
    this.#agreement = new Part(find(root, '[data-part="agreement"]', HTMLElement), onCompare);
  }

  /**
   * @param {readonly {name: string, value: string, note: string}[]} facts
   * @param {Finding} pace
   * @param {Finding} agreement
   */
  update(facts, pace, agreement) {
    this.#facts.replaceChildren(...facts.map(({ name, value, note }) => (
      element('div', 'fact', element('dt', 'fact-name', name), element('dd', 'fact-value', value), element('dd', 'fact-note', note)))));
    this.#pace.update(pace);
    this.#agreement.update(agreement);
  }
}

/** A question with a button. */
class Part {
  #root;
  #button;
  #words;

  /** @param {HTMLElement} root @param {() => void} onAsk */
  constructor(root, onAsk) {
    this.#root = root;
    this.#button = find(root, 'button', HTMLButtonElement);
    this.#words = find(root, '[data-field="words"]', HTMLElement);
    this.#button.addEventListener('click', () => this.#button.ariaDisabled !== 'true' && onAsk());
  }

  /** The button keeps the focus while it does nothing. @param {Finding} finding */
  update({ state, words }) {
    this.#root.dataset.state = state;
    this.#button.ariaDisabled = String(state === 'busy');
    setText(this.#words, words);
  }
}
