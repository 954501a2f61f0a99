/** The console's tab "Datafile": the revisions this browser has seen, what each changed and whom it moved; and the demo's sliders. */

import { AllocationPanel } from '../components/allocation-panel/allocation-panel.js';
import { RevisionList } from '../components/revision-list/revision-list.js';
import { RevisionView } from '../components/revision-view/revision-view.js';
import { allocationOf, isEditable, saveAllocation } from '../lib/allocation.js';
import { usualAttributes } from '../lib/attributes.js';
import { experimentByKey, parseDatafile } from '../lib/datafile.js';
import { describeDifference, describeRevision } from '../lib/datafile-difference.js';
import { find, setText } from '../lib/dom.js';
import { jsonDifference } from '../lib/json-difference.js';
import { describeMovements, movedBetween } from '../lib/movers.js';
import { recallRevisions, rememberRevisions, withNewest } from '../lib/revisions.js';
import { sentenceOf } from '../lib/sentence.js';
import { Revision } from './revision.js';

/** @typedef {import('../lib/config.js').Config} Config */
/** @typedef {import('../lib/movers.js').Movement} Movement */
/** @typedef {import('./console.js').Handlers} Handlers */
/** @typedef {import('./console.js').Tab} Tab */

const ALL_CHANGES = 200;
const ELSEWHERE = 'The traffic is changed at its source; a change arrives here by itself.';
/** @type {import('../components/allocation-panel/allocation-panel.js').Saving} */
const NOTHING_SAVED = { state: 'ready', sentence: '' };

/** @implements {Tab} */
export class DatafileTab {
  #allocation = new AllocationPanel(find(document, '.js-allocation', HTMLElement), {
    onApply: (shares) => this.#allocate(shares),
    onMove: (shares) => this.#preview(shares),
  });
  #list = new RevisionList(find(document, '.js-revisions', HTMLElement), { onChoose: (index) => this.#choose(index) });
  #view = new RevisionView(find(document, '.js-revision', HTMLElement), { differenceOf: () => this.#difference() });
  #config;
  #onAnswer;
  #onNews;
  #seen;
  #chosen = 0;
  #saving = NOTHING_SAVED;
  #isOpen = false;
  /** Whom the chosen one moved. @type {Movement[] | undefined} */
  #movements;
  /** The allocation last moved to. @type {number[] | undefined} */
  #previewed;

  /** @param {Config} config @param {Handlers} handlers */
  constructor(config, { onAnswer, onNews }) {
    this.#onAnswer = onAnswer;
    this.#onNews = onNews;
    this.#config = config;
    this.#seen = recallRevisions(config.sdkKey);
  }

  /** Shows itself; until then nothing is compared. */
  open() {
    this.#isOpen = true;
    this.#choose(this.#chosen);
  }

  /** @param {Revision} revision that decides from now on */
  follow({ name, text, since }) {
    this.#onNews(`Revision ${name} decides.`, 'revision');
    this.#seen = withNewest(this.#seen, { text, since });
    rememberRevisions(this.#config.sdkKey, this.#seen);
    this.#choose(0);
    if (this.#previewed) this.#previewAnew();
  }

  /** @param {number} index */
  async #choose(index) {
    this.#chosen = index;
    this.#movements = undefined;
    this.#render();
    const [after, before] = this.#pair;
    if (!this.#isOpen || !before) return;
    const movements = await compare(before.text, after.text);
    if (this.#pair[0] !== after || this.#pair[1] !== before) return; // another one was chosen meanwhile
    this.#movements = movements;
    this.#render();
  }

  /** The chosen one and the one before it. */
  get #pair() {
    return this.#seen.slice(this.#chosen, this.#chosen + 2);
  }

  #difference() {
    const [after, before] = this.#pair;
    return before ? jsonDifference(before.text, after.text) : [];
  }

  #render() {
    if (!this.#isOpen || this.#seen.length === 0) return;
    find(document, '.js-no-datafile', HTMLElement).hidden = true;
    find(document, '.js-revision', HTMLElement).hidden = false;
    const datafiles = this.#seen.map(({ text }) => parseDatafile(text));
    this.#list.update(this.#seen.map(({ since }, i) => ({ name: String(datafiles[i].revision), since, words: changesOf(datafiles[i + 1], datafiles[i])[0] ?? '' })), this.#chosen);
    const [after, before] = datafiles.slice(this.#chosen);
    this.#view.update({
      title: before ? describeRevision(before, after) : `Revision ${after.revision}`,
      text: this.#pair[0].text,
      changes: changesOf(before, after),
      movements: this.#movements ? describeMovements(this.#movements, 'get') : '',
      command: this.#chosen === 0 ? '' : commandFor(this.#config.sdkKey, String(after.revision)),
    });
    const canEdit = isEditable(this.#config, location.origin);
    this.#allocation.update(canEdit ? experimentByKey(datafiles[0], this.#config.experimentKey) : undefined, ELSEWHERE, this.#saving);
  }

  /** Tells whom another allocation would move; of several in a row the last one. @param {number[]} shares in per cent, one a variation */
  async #preview(shares) {
    this.#previewed = shares;
    const now = this.#seen[0].text;
    const movements = await compare(now, withAllocation(now, this.#config.experimentKey, shares));
    if (this.#previewed === shares) this.#tellPreview(movements ? describeMovements(movements, 'would get') : '');
  }

  /** Another datafile decides, of which the sliders may show the allocation again. */
  #previewAnew() {
    const { edited } = this.#allocation;
    if (edited) return this.#preview(edited);
    this.#previewed = undefined;
    return this.#tellPreview('');
  }

  /** @param {string} words '' for none */
  #tellPreview(words) {
    setText(find(document, '.js-would-move', HTMLElement), words);
    if (words) this.#onNews(words, 'preview');
  }

  /** @param {number[]} shares in per cent, one a variation */
  async #allocate(shares) {
    this.#previewed = undefined;
    this.#tellPreview('');
    const experiment = experimentByKey(parseDatafile(this.#seen[0].text), this.#config.experimentKey);
    this.#saving = { state: 'saving', sentence: 'Saving…' };
    this.#render();
    try {
      await saveAllocation(this.#config, experiment?.variations ?? [], shares);
      this.#saving = { state: 'saved', sentence: 'Saved: every open page follows.' };
    } catch (error) {
      this.#saving = { state: 'refused', sentence: sentenceOf(error) };
    }
    this.#onAnswer(this.#saving.sentence);
    this.#render();
  }
}

/**
 * @param {import('../lib/datafile.js').Datafile | undefined} before
 * @param {import('../lib/datafile.js').Datafile} after
 */
function changesOf(before, after) {
  return before ? describeDifference(before, after, ALL_CHANGES) : [];
}

/** @param {string} before @param {string} after @returns {Promise<Movement[] | undefined>} undefined when one of them is no datafile any more */
async function compare(before, after) {
  /** @type {Revision[]} */
  const revisions = [];
  try {
    for (const text of [before, after]) revisions.push(await Revision.open(text));
    return movedBetween(revisions[0], revisions[1], usualAttributes());
  } catch {
    return undefined;
  } finally {
    for (const { project } of revisions) project.close();
  }
}

/**
 * @param {string} text of a datafile
 * @param {string} experimentKey
 * @param {number[]} shares in per cent, one a variation
 * @returns {string} the same with another traffic allocation
 */
function withAllocation(text, experimentKey, shares) {
  const datafile = JSON.parse(text);
  const experiment = experimentByKey(datafile, experimentKey);
  if (experiment) experiment.trafficAllocation = allocationOf(experiment.variations ?? [], shares);
  return JSON.stringify(datafile);
}

/** What an operator types on the relay's machine. @param {string} sdkKey @param {string} revision */
function commandFor(sdkKey, revision) {
  return `curl -d '${JSON.stringify({ revision }).replaceAll("'", "'\\''")}' 127.0.0.1:8081/v1/projects/${encodeURIComponent(sdkKey)}/rollback`;
}
