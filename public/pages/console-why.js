/** The console's tab "Why": one question at a time, and the engine's answer to it. */

import { AttributeEditor } from '../components/attribute-editor/attribute-editor.js';
import { ExplanationView } from '../components/explanation/explanation.js';
import { QuestionForm } from '../components/question-form/question-form.js';
import { unreadIn } from '../lib/attributes.js';
import { find } from '../lib/dom.js';
import { deciding, explain } from '../lib/explanation.js';
import { microsOf } from '../lib/pace.js';
import { questionIn, searchOf, subjectsOf, suppositionsOf } from '../lib/question.js';
import { sentenceOf } from '../lib/sentence.js';
import { REFUSED_ID, isAllowed, lastLook, randomVisitor } from '../lib/visitor.js';

/**
 * @typedef {import('../lib/explanation.js').Question} Question
 * @typedef {import('./console.js').Handlers} Handlers
 * @typedef {import('./console.js').Tab} Tab
 * @typedef {import('./revision.js').Revision} Revision
 */

/** Decisions are timed for so long, which a reader does not notice; the best of a few rounds is what they take undisturbed. */
const TIMING_MS = 1;
const ROUNDS = 5;
const SOMEBODY = 'Matt';

/** @implements {Tab} */
export class WhyTab {
  #form = new QuestionForm(find(document, '.js-question', HTMLFormElement), {
    onAsk: (asked) => this.#ask(asked),
    onRandom: () => this.#ask({ visitor: randomVisitor() }),
  });
  #attributes = new AttributeEditor(find(document, '.js-attributes', HTMLElement), { onChange: (attributes) => this.#ask({ attributes }) });
  #view = new ExplanationView(find(document, '.js-explanation', HTMLElement), { onCopy: (json) => this.#copy(json) });
  /** @type {Question} */
  #question;
  /** @type {Revision | undefined} */
  #revision;
  #isDue = false;
  #onAnswer;
  #onNews;
  #onProblem;

  /** @param {import('../lib/config.js').Config} config @param {Handlers} handlers */
  constructor({ experimentKey }, { onAnswer, onNews, onProblem }) {
    this.#onAnswer = onAnswer;
    this.#onNews = onNews;
    this.#onProblem = onProblem;
    onProblem(unreadIn(location.search));
    this.#question = questionIn(location.search, experimentKey, lastLook());
    this.#question.visitor ||= SOMEBODY;
    this.#form.update(this.#question, { flags: [], experiments: [], forced: [], remembered: [] });
  }

  open() {} // It is always ready.

  /** @param {Revision} revision that decides from now on */
  follow(revision) {
    this.#revision = revision;
    this.#render();
  }

  /** @param {string} sentence why there is nothing to ask */
  fail(sentence) {
    if (!this.#revision) this.#view.fail(sentence);
  }

  /** @param {Partial<Question>} change */
  #ask(change) {
    Object.assign(this.#question, change);
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#onProblem(''); // the address asks about what is shown
      this.#remember();
      this.#render();
    });
  }

  #remember() {
    const address = new URL(location.href);
    address.search = searchOf(this.#question, location.search);
    history.replaceState(history.state, '', address);
  }

  #render() {
    if (!this.#revision) return;
    const { datafile, project } = this.#revision;
    const question = structuredClone(this.#question);
    this.#form.update(question, { ...subjectsOf(datafile), ...suppositionsOf(datafile, question) });
    const keys = (datafile.attributes ?? []).map((/** @type {{key: string}} */ { key }) => key);
    this.#attributes.update(/** @type {any} */ (question.attributes), keys);
    if (!isAllowed(question.visitor)) return this.#view.fail(REFUSED_ID);
    if (!question.key) return this.#view.fail('This datafile has no experiment and no flag: there is nothing to ask.');
    try {
      const explanation = explain(project, datafile, question);
      const decide = deciding(project, question);
      const micros = Math.min(...Array.from({ length: ROUNDS }, () => microsOf(decide, TIMING_MS)));
      this.#view.update(explanation, micros);
      this.#onNews(`${question.visitor} gets ${explanation.verdict.variation ?? 'no variation'} of ${question.key}.`, 'answer');
    } catch (error) {
      this.#view.fail(sentenceOf(error));
    }
  }

  /** @param {string} json */
  async #copy(json) {
    await navigator.clipboard.writeText(json);
    this.#onAnswer('Copied.');
  }
}
