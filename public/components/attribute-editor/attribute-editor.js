import { element, find, setText } from '../../lib/dom.js';

/** @typedef {Record<string, string | number | boolean | null>} Attributes */

/** How a value is typed: its name for people, the control, and how text becomes the value; undefined where it does not. */
const TYPES = /** @type {const} */ ({
  text: { name: 'text', read: (/** @type {string} */ text) => text },
  number: { name: 'number', read: (/** @type {string} */ text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined) },
  boolean: { name: 'yes/no', read: (/** @type {string} */ text) => text === 'true' },
  null: { name: 'null', read: () => null },
});

const NO_NUMBER = 'This is no number: the attribute does not count.';
const REPEATED = 'The same attribute stands below: that one counts.';

/** Edits a visitor's attributes: a row for each, with its key, its type and its value. What is not complete does not count yet. */
export class AttributeEditor {
  #rows;
  #keys;
  #onChange;
  #told = '{}';

  /**
   * @param {HTMLElement} root with an element for the rows, a datalist and a button that adds one
   * @param {{onChange: (attributes: Attributes) => void}} handlers
   */
  constructor(root, { onChange }) {
    this.#rows = find(root, '[data-field="rows"]', HTMLElement);
    this.#keys = find(root, 'datalist', HTMLDataListElement);
    this.#onChange = onChange;
    find(root, '[data-action="add"]', HTMLButtonElement).addEventListener('click', () => this.#add('', '').focus());
  }

  /**
   * Shows attributes, unless they are the ones told last: then what is being typed stays.
   * @param {Attributes} attributes
   * @param {readonly string[]} keys that are worth suggesting
   */
  update(attributes, keys) {
    this.#keys.replaceChildren(...keys.map((key) => Object.assign(element('option', ''), { value: key })));
    if (JSON.stringify(attributes) === this.#told) return;
    this.#told = JSON.stringify(attributes);
    this.#rows.replaceChildren();
    for (const [key, value] of Object.entries(attributes)) this.#add(key, value);
  }

  /** @returns {Row[]} */
  get #all() {
    return [...this.#rows.children].flatMap((root) => rowOf.get(root) ?? []);
  }

  /** @param {string} key @param {Attributes[string]} value */
  #add(key, value) {
    const row = new Row(this.#keys.id, key, value, { onChange: () => this.#tell(), onRemove: () => this.#remove(row) });
    this.#rows.append(row.root);
    rowOf.set(row.root, row);
    row.show(false);
    return row;
  }

  /** The focus goes to a neighbour, never to nowhere. @param {Row} row */
  #remove(row) {
    const next = row.root.nextElementSibling ?? row.root.previousElementSibling;
    row.root.remove();
    const add = this.#rows.parentElement?.querySelector('[data-action="add"]');
    if (next) rowOf.get(next)?.focus();
    else if (add instanceof HTMLElement) add.focus();
    this.#tell();
  }

  #tell() {
    const entries = this.#all.map((row) => row.entry);
    this.#all.forEach((row, i) => row.show(entries.slice(i + 1).some(([entry]) => entry?.[0] === row.key)));
    const attributes = /** @type {Attributes} */ (Object.fromEntries(entries.flat()));
    const text = JSON.stringify(attributes);
    if (text === this.#told) return;
    this.#told = text;
    this.#onChange(attributes);
  }
}

/** @type {WeakMap<Element, Row>} */
const rowOf = new WeakMap();

let rows = 0;

/** One attribute. */
class Row {
  root;
  #key = labelled(element('input', 'field attribute-key'), 'Attribute');
  #type = labelled(element('select', 'field attribute-type'), 'Type');
  #text = labelled(element('input', 'field attribute-value'), 'Value');
  #choice = labelled(element('select', 'field attribute-value'), 'Value');
  #note = element('p', 'attribute-note');

  /**
   * @param {string} listId of the datalist of keys
   * @param {string} key
   * @param {Attributes[string]} value
   * @param {{onChange: () => void, onRemove: () => void}} handlers
   */
  constructor(listId, key, value, { onChange, onRemove }) {
    this.#key.setAttribute('list', listId);
    Object.assign(this.#note, { id: `${listId}-${rows++}`, ariaLive: 'polite' });
    for (const input of [this.#key, this.#text]) {
      Object.assign(input, { autocomplete: 'off', spellcheck: false, placeholder: input.ariaLabel });
      input.setAttribute('aria-describedby', this.#note.id);
    }
    this.#type.append(...Object.entries(TYPES).map(([type, { name }]) => new Option(name, type)));
    this.#choice.append(new Option('yes', 'true'), new Option('no', 'false'));
    this.#key.value = key;
    this.#type.value = value === null ? 'null' : typeof value === 'string' ? 'text' : typeof value;
    (typeof value === 'boolean' ? this.#choice : this.#text).value = String(value ?? '');
    const remove = Object.assign(element('button', 'attribute-remove', '✕'), { type: 'button' });
    remove.setAttribute('aria-label', 'Remove this attribute');
    remove.addEventListener('click', onRemove);
    this.root = element('div', 'attribute-row', this.#key, this.#text, this.#choice, this.#type, remove, this.#note);
    this.root.addEventListener('input', onChange);
  }

  get key() {
    return this.#key.value;
  }

  /** @returns {[string, Attributes[string]][]} empty while it is not complete */
  get entry() {
    const value = TYPES[this.#kind].read(this.#kind === 'boolean' ? this.#choice.value : this.#text.value);
    return this.#key.value === '' || value === undefined ? [] : [[this.#key.value, value]];
  }

  get #kind() {
    return /** @type {keyof typeof TYPES} */ (this.#type.value);
  }

  focus() {
    this.#key.focus();
  }

  /** Shows the control of the type, and what is amiss. @param {boolean} isRepeated whether a row below has the same key */
  show(isRepeated) {
    this.#text.hidden = this.#kind === 'boolean';
    this.#choice.hidden = !this.#text.hidden;
    this.#text.disabled = this.#kind === 'null';
    this.#text.inputMode = this.#kind === 'number' ? 'decimal' : 'text';
    const isWrong = this.#text.value !== '' && TYPES[this.#kind].read(this.#text.value) === undefined;
    this.#text.setAttribute('aria-invalid', String(isWrong));
    this.#key.setAttribute('aria-invalid', String(isRepeated));
    setText(this.#note, isRepeated ? REPEATED : isWrong ? NO_NUMBER : '');
  }
}

/** @template {HTMLElement} T @param {T} control @param {string} name */
function labelled(control, name) {
  control.setAttribute('aria-label', name);
  return control;
}
