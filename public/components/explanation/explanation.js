import { isolated } from '../../lib/bidi.js';
import { element, find, setText } from '../../lib/dom.js';
import { formatMicros } from '../../lib/figures.js';
import { renderStation } from './station.js';

/** @typedef {import('../../lib/explanation.js').Explanation} Explanation */

const SOURCES = /** @type {Record<string, string>} */ ({ 'feature-test': 'an experiment', rollout: 'its rollout', holdout: 'a holdout' });

/** Shows how a decision came about: what came out, the rules on the way, the variables, and the official SDK's words. */
export class ExplanationView {
  #root;
  #problem;
  #told;
  #about;
  #outcome;
  #how;
  #stations;
  #variables;
  #reasons;
  #copied;
  #json;
  #onCopy;
  #text = '';

  /**
   * @param {HTMLElement} root
   * @param {{onCopy: (json: string) => Promise<void>}} handlers onCopy: rejects where the browser does not let a page copy
   */
  constructor(root, { onCopy }) {
    this.#onCopy = onCopy;
    this.#root = root;
    this.#problem = find(root, '[data-field="problem"]', HTMLElement);
    this.#told = find(root, '[data-field="told"]', HTMLElement);
    this.#about = find(root, '[data-field="about"]', HTMLElement);
    this.#outcome = find(root, '[data-field="outcome"]', HTMLElement);
    this.#how = find(root, '[data-field="how"]', HTMLElement);
    this.#stations = find(root, '[data-field="stations"]', HTMLElement);
    this.#variables = find(root, '[data-field="variables"]', HTMLElement);
    this.#reasons = find(root, '[data-field="reasons"]', HTMLElement);
    this.#copied = find(root, '[data-field="copied"]', HTMLElement);
    this.#json = find(root, '[data-field="json"]', HTMLTextAreaElement);
    find(root, '[data-action="copy"]', HTMLButtonElement).addEventListener('click', () => this.#copy());
  }

  /** @param {Explanation} explanation @param {number} micros one decision takes */
  update(explanation, micros) {
    const { question, revision, verdict, stations, reasons } = explanation;
    this.#show('');
    this.#text = JSON.stringify({ ...explanation, micros }, null, 2);
    this.#json.hidden = true;
    setText(this.#copied, '');
    this.#root.dataset.decided = String(verdict.variation !== null);
    this.#about.replaceChildren(element('bdi', '', question.visitor || 'A visitor without an id'), `, ${question.kind} ${isolated(question.key)}, revision ${revision}`);
    setText(this.#outcome, verdict.variation ?? 'no variation');
    setText(this.#how, `${howOf(verdict)} in ${formatMicros(micros)}`);
    const last = stations.findLastIndex(({ outcome }) => outcome !== 'not asked');
    this.#stations.replaceChildren(...stations.map((station, i) => renderStation(station, i >= last)));
    this.#variables.replaceChildren(...variablesOf(verdict.variables));
    this.#reasons.replaceChildren(...reasons.map((reason) => element('li', '', reason)));
  }

  /** @param {string} sentence why there is nothing to explain */
  fail(sentence) {
    this.#show(sentence);
  }

  /** Where the browser does not let a page copy, as on plain http, the text is there to be copied by hand. */
  async #copy() {
    const isCopied = await this.#onCopy(this.#text).then(() => true, () => false);
    setText(this.#copied, isCopied ? 'Copied' : 'Copy it from here:');
    this.#json.hidden = isCopied;
    if (isCopied) return;
    this.#json.value = this.#text;
    this.#json.select();
  }

  /** @param {string} sentence */
  #show(sentence) {
    setText(this.#problem, sentence);
    this.#problem.hidden = sentence === '';
    this.#told.hidden = sentence !== '';
  }
}

/** @param {Explanation['verdict']} verdict */
function howOf({ rule, source, enabled, variation }) {
  const state = enabled === undefined ? '' : `${enabled ? 'On' : 'Off'}, `;
  const decided = variation === null ? 'no rule gave one' : rule === null ? 'forced by this page' : `decided by ${SOURCES[source ?? ''] ?? 'the experiment'}`;
  const words = state + decided;
  return words[0].toUpperCase() + words.slice(1);
}

/** @param {Record<string, unknown> | undefined} variables of a flag */
function variablesOf(variables) {
  if (!variables) return [];
  const rows = Object.entries(variables).map(([key, value]) => element('div', 'variable', element('dt', '', key), element('dd', '', JSON.stringify(value))));
  const list = rows.length ? element('dl', 'variables', ...rows) : element('p', 'explanation-none', 'The flag has no variables.');
  return [element('h3', 'eyebrow', 'Variables'), list];
}
