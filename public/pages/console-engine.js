/** The console's tab "Engine": what the engine weighs and how fast it is on this device, and whether the relay's decides alike. */

import { EngineReport } from '../components/engine-report/engine-report.js';
import { agreementOn, relayDecision } from '../lib/agreement.js';
import { usualAttributes } from '../lib/attributes.js';
import { find } from '../lib/dom.js';
import { UNKNOWN, formatBytes, formatCount, formatMicros } from '../lib/figures.js';
import { batchSizeOf, batchesOf, microsOf, percentile } from '../lib/pace.js';
import { sentenceOf } from '../lib/sentence.js';
import { randomVisitor } from '../lib/visitor.js';
import { besideURL } from '../sdk/beside.js';
import { Engine } from '../sdk/engine/index.js';
import { relayAddress } from '../sdk/relay/address.js';

/**
 * @typedef {import('../lib/config.js').Config} Config
 * @typedef {import('../components/engine-report/engine-report.js').Finding} Finding
 * @typedef {import('./console.js').Handlers} Handlers
 * @typedef {import('./console.js').Tab} Tab
 * @typedef {import('./revision.js').Revision} Revision
 * @typedef {{name: string, value: string, note: string}} Fact
 */

/** It is measured in rounds, so that the page goes on meanwhile. */
const ROUNDS = 24;
const ROUND_MS = 25;
const VISITORS = 50;
/** @type {Finding} */
const NOTHING_FOUND = { state: 'ready', words: '' };

/** @implements {Tab} */
export class EngineTab {
  #report = new EngineReport(find(document, '.js-engine', HTMLElement), { onMeasure: () => this.#measure(), onCompare: () => this.#compare() });
  #config;
  #onAnswer;
  #onProblem;
  /** @type {Revision | undefined} */
  #revision;
  #facts = factsOf({});
  #pace = NOTHING_FOUND;
  #agreement = NOTHING_FOUND;
  #isOpen = false;
  #hasEngine = true;
  #attributes = usualAttributes();

  /** @param {Config} config @param {Handlers} handlers */
  constructor(config, { onAnswer, onProblem }) {
    this.#onAnswer = onAnswer;
    this.#config = config;
    this.#onProblem = onProblem;
  }

  /** Weighs the engine when it is first looked at. */
  async open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#render(); // at once, so that what follows has its place
    await this.#weigh();
  }

  /** @param {Revision} revision that decides from now on */
  follow(revision) {
    const isFirst = !this.#revision;
    this.#revision = revision;
    this.#agreement = NOTHING_FOUND;
    this.#render();
    if (this.#isOpen && isFirst) this.#weigh();
  }

  async #weigh() {
    const revision = this.#revision;
    try {
      const facts = await weigh(revision?.text);
      this.#hasEngine = true;
      if (revision || !this.#revision) this.#facts = facts; // else a datafile came meanwhile, and is weighed as well
      this.#onProblem('');
    } catch (error) {
      this.#hasEngine = false;
      this.#onProblem(sentenceOf(error));
    }
    this.#render();
  }

  #render() {
    if (this.#isOpen) this.#report.update(this.#facts, this.#pace, this.#agreement);
  }

  /** @param {Finding} pace */
  #tellPace(pace) {
    this.#pace = pace;
    this.#onAnswer(pace.words);
    this.#render();
  }

  /** @param {Finding} agreement */
  #tellAgreement(agreement) {
    this.#agreement = agreement;
    this.#onAnswer(agreement.words);
    this.#render();
  }

  /** A decision of the page's experiment for a visitor of the store, by its key; undefined while nothing can be decided. */
  get #decision() {
    const project = this.#revision?.project;
    const experiment = project?.experiment(this.#config.experimentKey);
    if (!project || !experiment) return undefined;
    return (/** @type {string} */ id) => project.getVariation(experiment, { id, attributes: this.#attributes })?.key ?? null;
  }

  /** Why nothing can be decided. */
  get #lack() {
    if (!this.#revision) return this.#hasEngine ? 'No datafile has come yet.' : 'Without the engine nothing can be decided.';
    return `Revision ${this.#revision.name} does not have the experiment ${this.#config.experimentKey}.`;
  }

  /** @returns {Promise<void>} */
  async #measure() {
    const decide = this.#decision;
    const revision = this.#revision;
    if (!decide) return this.#tellPace({ state: 'bad', words: this.#lack });
    this.#tellPace({ state: 'busy', words: 'Deciding…' });
    let visitor = 0;
    const decideNext = () => decide(`visitor-${visitor++}`);
    microsOf(decideNext, ROUND_MS); // which the browser compiles meanwhile
    const size = batchSizeOf(decideNext);
    const batches = [];
    for (let round = 0; round < ROUNDS; round++) {
      await new Promise((resolve) => setTimeout(resolve));
      if (this.#revision !== revision) return this.#measure(); // anew: the one before is closed
      batches.push(...batchesOf(decideNext, size, ROUND_MS));
    }
    this.#tellPace({ state: 'good', words: paceIn(batches, size) });
  }

  async #compare() {
    const decide = this.#decision;
    const revision = this.#revision;
    if (!decide) return this.#tellAgreement({ state: 'bad', words: this.#lack });
    this.#tellAgreement({ state: 'busy', words: 'Asking…' });
    /** Engines that have a datafile each need not agree. @param {Finding['state']} state @param {string} words */
    const tell = (state, words) => this.#revision === revision && this.#tellAgreement({ state, words });
    const here = (/** @type {string} */ visitor) => {
      if (this.#revision !== revision) throw new Error('Another datafile decides.'); // the one before is closed
      return decide(visitor);
    };
    const { relayUrl, sdkKey, experimentKey } = this.#config;
    const query = new URLSearchParams({ experimentKey, disableTracking: 'true' });
    const there = relayDecision(String(relayAddress(relayUrl, `v1/activate?${query}`)), sdkKey);
    try {
      const { asked, differing } = await agreementOn(Array.from({ length: VISITORS }, randomVisitor), here, (visitor) => there(visitor, this.#attributes));
      if (differing.length === 0) return tell('good', `✓ ${asked} visitors asked of both engines: all alike.`);
      return tell('bad', `✕ ${differing.length} of ${asked} visitors differ: ${differing.slice(0, 3).join('; ')}.`);
    } catch (error) {
      return tell('bad', sentenceOf(error));
    }
  }
}

/**
 * @param {number[]} batches microseconds of a decision in each, on average
 * @param {number} size decisions in a batch
 */
function paceIn(batches, size) {
  const [median, slow] = [percentile(batches, 0.5), percentile(batches, 0.99)].map(formatMicros);
  const each = batches.reduce((sum, micros) => sum + micros, 0) / batches.length;
  const measured = `of ${formatCount(batches.length)} batches of ${formatCount(size)}: a browser’s clock is too coarse for a single one`;
  return `${formatCount(1e6 / each)} decisions a second: p50 ${median}, p99 ${slow}, ${measured}.`;
}

/**
 * Loads the engine once more, step by step.
 * @param {string | undefined} datafile
 * @returns {Promise<Fact[]>} rejects with a sentence when there is no engine
 */
async function weigh(datafile) {
  const response = await fetch(besideURL());
  const bytes = await response.arrayBuffer();
  // Of what the service worker kept, the header still tells how much came over the line; the timing does not.
  const length = Number(response.headers.get('content-length'));
  const [fetched] = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByName(besideURL().href)).filter(({ encodedBodySize }) => encodedBodySize > 0);
  const start = performance.now();
  const module = await WebAssembly.compile(bytes);
  const compiled = performance.now();
  const engine = await Engine.load(module);
  const started = performance.now();
  if (datafile) engine.open(datafile, { clientName: 'console', clientVersion: '1' }).close();
  const parsed = performance.now();
  return factsOf({
    download: length || fetched?.encodedBodySize || bytes.byteLength,
    size: bytes.byteLength,
    compile: compiled - start,
    start: started - compiled,
    ...datafile ? { read: parsed - started, datafile: datafile.length } : {},
    memory: engine.instance.exports.memory.buffer.byteLength,
  });
}

/**
 * @param {{download?: number, size?: number, compile?: number, start?: number, read?: number, datafile?: number, memory?: number}} measured
 *   bytes and milliseconds; what is missing is not known yet
 * @returns {Fact[]}
 */
function factsOf({ download, size, compile, start, read, datafile, memory }) {
  return [
    { name: 'Download', value: bytesOf(download), note: `${bytesOf(size)} of WebAssembly` },
    { name: 'Compiled', value: milliseconds(compile), note: 'once a visit; browsers keep the result' },
    { name: 'Started', value: milliseconds(start), note: 'Go’s runtime and the engine’s own start' },
    { name: 'Datafile read', value: milliseconds(read), note: `${bytesOf(datafile)} of JSON, compiled to decide` },
    { name: 'Memory', value: bytesOf(memory), note: 'of one instance with this datafile' },
  ];
}

/** @param {number | undefined} bytes */
const bytesOf = (bytes) => (bytes === undefined ? UNKNOWN : formatBytes(bytes));

/** @param {number | undefined} time */
function milliseconds(time) {
  if (time === undefined) return UNKNOWN;
  if (time === 0) return 'too quick to tell'; // by this browser's clock
  return `${time < 10 ? time.toFixed(1) : formatCount(time)} ms`;
}
