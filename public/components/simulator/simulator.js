import { element, find, setText } from '../../lib/dom.js';
import { formatCount } from '../../lib/figures.js';
import { MAX_VISITORS, MIN_VISITORS, PRESETS, rateOf } from '../../lib/simulation.js';

/** @typedef {import('../../lib/simulation.js').Plan} Plan */
/** @typedef {import('../../lib/simulation.js').Preset} Preset */

/** Asks what to simulate, and shows how far it is. */
export class Simulator {
  #form;
  #presets;
  #rates;
  #go;
  #stop;
  /** @type {readonly {key: string}[]} */
  #variations = [];

  /**
   * @param {HTMLFormElement} form
   * @param {{onStart: (plan: Plan) => void, onStop: () => void}} handlers
   */
  constructor(form, { onStart, onStop }) {
    this.#form = form;
    this.#presets = find(form, '[data-field="presets"]', HTMLElement);
    this.#rates = find(form, '[data-field="rates"]', HTMLElement);
    this.#go = find(form, 'button[type="submit"]', HTMLButtonElement);
    this.#stop = find(form, '[data-action="stop"]', HTMLButtonElement);
    const visitors = this.#input('visitors');
    [visitors.min, visitors.max] = [String(MIN_VISITORS), String(MAX_VISITORS)];
    this.#presets.replaceChildren(...PRESETS.map(choiceOf));
    this.#fill(this.#preset);
    this.#presets.addEventListener('change', () => this.#fill(this.#preset));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      onStart(this.#plan);
    });
    this.#stop.addEventListener('click', onStop);
  }

  get #preset() {
    return PRESETS[Number(find(this.#presets, ':checked', HTMLInputElement).value)];
  }

  /** @returns {Plan} */
  get #plan() {
    return {
      visitors: this.#input('visitors').valueAsNumber,
      rates: Object.fromEntries(this.#variations.map(({ key }, i) => [key, this.#input(`rate-${i}`).valueAsNumber / 100])),
      last: this.#variations.at(-1)?.key,
      loss: this.#input('loss').valueAsNumber / 100,
    };
  }

  /** @param {string} name */
  #input(name) {
    return find(this.#form, `input[name="${name}"]`, HTMLInputElement);
  }

  /** Says which variations there are: from now on it can start. What was filled in for the same ones stays. @param {readonly {key: string}[]} variations */
  offer(variations) {
    const isNew = variations.map(({ key }) => key).join('\n') !== this.#variations.map(({ key }) => key).join('\n');
    if (!isNew) return;
    this.#variations = variations;
    this.#rates.replaceChildren(...variations.map(({ key }, i) => rateInput(key, i)));
    this.#fill(this.#preset);
    this.#say('');
    this.#enable();
  }

  /** @param {string} sentence why it cannot start */
  refuse(sentence) {
    this.#variations = [];
    this.#say(sentence);
    this.#enable();
  }

  #enable() {
    this.#go.disabled = !this.#stop.hidden || this.#variations.length === 0;
  }

  /** @param {string} words beside the button */
  #say(words) {
    setText(find(this.#form, '[data-field="progress"]', HTMLElement), words);
  }

  /** @param {Preset} preset */
  #fill(preset) {
    this.#input('visitors').value = String(preset.visitors);
    this.#input('loss').value = String(preset.loss * 100);
    this.#variations.forEach((_, i) => { this.#input(`rate-${i}`).value = String(Math.round(rateOf(preset, i) * 1000) / 10); });
    setText(find(this.#form, '[data-field="words"]', HTMLElement), preset.words);
  }

  /**
   * Of the two buttons one is of use at a time, and takes the focus from the other, which would lose it.
   * @param {number} done
   * @param {number} of
   * @param {boolean} running
   * @param {string} [note] what else there is to say of them
   */
  progress(done, of, running, note = '') {
    const bar = find(this.#form, 'progress', HTMLProgressElement);
    [bar.value, bar.max, bar.hidden] = [done, of, false];
    const [useless, useful] = running ? [this.#go, this.#stop] : [this.#stop, this.#go];
    const hasFocus = document.activeElement === useless;
    this.#stop.hidden = !running;
    this.#enable();
    if (hasFocus) useful.focus();
    const end = done < of ? ', stopped' : ', done';
    this.#say(`${formatCount(done)} of ${formatCount(of)} visitors${running ? '' : end}${note && `. ${note}`}`);
  }
}

/** @param {Preset} preset @param {number} i */
function choiceOf({ name }, i) {
  const input = element('input', '');
  [input.type, input.name, input.value, input.checked] = ['radio', 'preset', String(i), i === 0];
  return element('label', 'control-choice', input, name);
}

/** @param {string} key @param {number} i */
function rateInput(key, i) {
  const input = element('input', 'simulator-number');
  [input.type, input.name, input.id, input.min, input.max, input.step, input.required] = ['number', `rate-${i}`, `rate-${i}`, '0', '100', '0.1', true];
  const label = element('label', '', element('code', '', key), ' converts, %');
  label.htmlFor = input.id;
  return element('div', 'control', label, input);
}
