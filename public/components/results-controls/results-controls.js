import { isolated } from '../../lib/bidi.js';
import { counted } from '../../lib/counted.js';
import { element, find } from '../../lib/dom.js';

/** @typedef {import('../../lib/results.js').Experiment} Experiment */
/** @typedef {import('../../lib/results-link.js').Settings} Settings */

const DEFAULT_CONFIDENCE = '0.9';

/** Chooses which results to see. */
export class ResultsControls {
  #form;
  /** What a link alone can choose. */
  #range = { start: '', end: '' };

  /**
   * @param {HTMLFormElement} form
   * @param {(settings: Settings) => void} onChange
   */
  constructor(form, onChange) {
    this.#form = form;
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('change', (event) => {
      if (/** @type {HTMLElement} */ (event.target).matches('[name="experiment"]')) this.#field('baseline').value = '';
      onChange(this.settings);
    });
  }

  /** @returns {Settings} */
  get settings() {
    const values = new FormData(this.#form);
    const text = (/** @type {string} */ name) => String(values.get(name) ?? '');
    return {
      experiment: text('experiment'),
      baseline: text('baseline'),
      confidence: text('confidence') === DEFAULT_CONFIDENCE ? '' : text('confidence'),
      crossovers: values.has('crossovers') ? 'exclude' : '',
      ...this.#range,
    };
  }

  /**
   * Offers the experiments there are.
   * @param {Experiment[]} experiments with all their visitors, whose number is not told where only some are shown
   * @param {string} chosen key
   */
  list(experiments, chosen) {
    this.#form.hidden = false;
    const textOf = (/** @type {Experiment} */ { experiment_key: key, reach }) => (
      this.#range.start || this.#range.end ? isolated(key) : `${isolated(key)} (${counted(reach.total_count, 'visitor', 'visitors')})`
    );
    offer(this.#field('experiment'), experiments.map((each) => /** @type {const} */ ([each.experiment_key, textOf(each)])), chosen);
  }

  /** Offers the variations of the experiment that is shown. @param {Experiment} experiment */
  update(experiment) {
    const first = Object.entries(experiment.metrics[0]?.results ?? {}).find(([, { is_baseline: is }]) => is);
    const variations = experiment.x_variations.map((id) => /** @type {const} */ ([id, experiment.reach.variations[id]?.name ?? id]));
    const field = this.#field('baseline');
    offer(field, variations, first?.[0] ?? '');
    find(this.#form, '.js-baseline', HTMLElement).hidden = variations.length === 0;
  }

  /** Shows settings that came from elsewhere. @param {Settings} settings */
  show({ experiment, baseline, confidence, crossovers, start, end }) {
    this.#range = { start, end };
    for (const [name, value] of Object.entries({ experiment, baseline })) offer(this.#field(name), [[value, value]], value);
    const box = find(this.#form, `[name="confidence"][value="${confidence || DEFAULT_CONFIDENCE}"]`, HTMLInputElement);
    box.checked = true;
    find(this.#form, '[name="crossovers"]', HTMLInputElement).checked = crossovers === 'exclude';
  }

  /** @param {string} name */
  #field(name) {
    return find(this.#form, `select[name="${name}"]`, HTMLSelectElement);
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {(readonly [string, string])[]} choices value and text
 * @param {string} chosen
 */
function offer(select, choices, chosen) {
  const options = [...select.options];
  const same = options.length === choices.length && options.every(({ value }, i) => value === choices[i][0]);
  if (same) choices.forEach(([, text], i) => { if (options[i].text !== text) options[i].text = text; });
  else select.replaceChildren(...choices.map(([value, text]) => optionOf(value, text)));
  select.value = chosen;
}

/** @param {string} value @param {string} text */
function optionOf(value, text) {
  const option = element('option', '', text);
  option.value = value;
  return option;
}
