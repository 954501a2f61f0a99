import { element, find } from '../../lib/dom.js';

/**
 * @typedef {import('../../lib/question.js').Choice} Choice
 * @typedef {Pick<import('../../lib/explanation.js').Question, 'visitor' | 'kind' | 'key' | 'forced' | 'remembered'>} Asked
 *
 * @typedef {object} Choices
 * @property {string[]} flags
 * @property {string[]} experiments
 * @property {Choice[]} forced
 * @property {Choice[]} remembered
 */

const NOTHING = { value: '', label: 'nothing' };

/** Asks whose decision is to be explained, and which. */
export class QuestionForm {
  #visitor;
  #subject;
  #forced;
  #remembered;
  #subjects = '';
  #suppositions = '';

  /**
   * @param {HTMLFormElement} form
   * @param {{onAsk: (asked: Partial<Asked>) => void, onRandom: () => void}} handlers told of each key that is typed
   */
  constructor(form, { onAsk, onRandom }) {
    this.#visitor = find(form, '[name="visitor"]', HTMLInputElement);
    this.#subject = find(form, '[name="subject"]', HTMLSelectElement);
    this.#forced = find(form, '[name="forced"]', HTMLSelectElement);
    this.#remembered = find(form, '[name="remembered"]', HTMLSelectElement);
    form.addEventListener('submit', (event) => event.preventDefault());
    this.#visitor.addEventListener('input', () => onAsk({ visitor: this.#visitor.value }));
    this.#subject.addEventListener('change', () => {
      const { kind, key } = JSON.parse(this.#subject.value);
      onAsk({ kind, key, forced: '', remembered: '' });
    });
    this.#forced.addEventListener('change', () => onAsk({ forced: this.#forced.value }));
    this.#remembered.addEventListener('change', () => onAsk({ remembered: this.#remembered.value }));
    find(form, '[data-action="random"]', HTMLButtonElement).addEventListener('click', onRandom);
  }

  /** @param {Asked} asked @param {Choices} choices */
  update({ visitor, kind, key, forced, remembered }, choices) {
    if (this.#visitor.value !== visitor) this.#visitor.value = visitor;
    this.#offerSubjects(choices, { kind, key });
    this.#offerSuppositions(choices);
    this.#subject.value = JSON.stringify({ kind, key });
    this.#forced.value = forced;
    this.#remembered.value = remembered;
  }

  /**
   * A large datafile has thousands, which another question leaves as they are.
   * @param {Choices} choices
   * @param {Pick<Asked, 'kind' | 'key'>} asked is offered even when the datafile does not have it
   */
  #offerSubjects({ flags, experiments }, { kind, key }) {
    const lacking = (kind === 'flag' ? flags : experiments).includes(key) ? [] : [key];
    const offered = JSON.stringify([flags, experiments, lacking, lacking.length > 0 && kind]);
    if (offered === this.#subjects) return;
    this.#subjects = offered;
    this.#subject.replaceChildren(
      ...groupOf('Experiments', 'experiment', experiments), ...groupOf('Flags', 'flag', flags), ...groupOf('Not in this datafile', kind, lacking),
    );
  }

  /** @param {Choices} choices */
  #offerSuppositions({ forced, remembered }) {
    const offered = JSON.stringify([forced, remembered]);
    if (offered === this.#suppositions) return;
    this.#suppositions = offered;
    for (const [select, choices] of /** @type {const} */ ([[this.#forced, forced], [this.#remembered, remembered]])) {
      select.replaceChildren(...[NOTHING, ...choices].map(({ value, label }) => new Option(label, value)));
    }
  }
}

/** @param {string} label @param {string} kind @param {string[]} keys */
function groupOf(label, kind, keys) {
  if (keys.length === 0) return [];
  const group = element('optgroup', '', ...keys.map((key) => new Option(key, JSON.stringify({ kind, key }))));
  group.label = label;
  return [group];
}
