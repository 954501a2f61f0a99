/** The console's tab "Simulate": made-up visitors in the relay's sandbox, and what the results say of them. */

import { renderDistribution } from '../components/distribution/distribution.js';
import { renderHealth } from '../components/results-health/results-health.js';
import { renderMetric } from '../components/results-metric/results-metric.js';
import { ResultsVerdict } from '../components/results-verdict/results-verdict.js';
import { Simulator } from '../components/simulator/simulator.js';
import { find, setText } from '../lib/dom.js';
import { formatCount } from '../lib/figures.js';
import { sentenceOf } from '../lib/sentence.js';
import { leftOut, peekOf } from '../lib/simulation.js';
import { verdictOf } from '../lib/verdict.js';
import { ResultsFeed } from './results-feed.js';
import { ResultsQuery } from './results-query.js';
import { SANDBOX, Simulation } from './simulation.js';

/** @typedef {import('../lib/simulation.js').Plan} Plan */
/** @typedef {import('../lib/results.js').Results} Results */
/** @typedef {import('../lib/config.js').Config} Config */
/** @typedef {import('./console.js').Handlers} Handlers */
/** @typedef {import('./console.js').Tab} Tab */

/** @implements {Tab} */
export class SimulateTab {
  #verdict = new ResultsVerdict(find(document, '.js-verdict', HTMLElement));
  #simulator = new Simulator(find(document, '.js-simulator', HTMLFormElement), {
    onStart: (plan) => this.#start(plan),
    onStop: () => this.#running?.abort(),
  });
  #config;
  #onAnswer;
  #onNews;
  #onProblem;
  /** @type {Simulation | undefined} */
  #simulation;
  /** @type {AbortController | undefined} */
  #running;
  /** @type {ResultsQuery | undefined} */
  #query;
  #problems = { ofRun: '', ofResults: '' };
  /** What is asked of the relay: the visitors of this run only. */
  #asked = { experiment: '', baseline: '', confidence: '', crossovers: '', start: '', end: '' };

  /** @param {Config} config @param {Handlers} handlers */
  constructor(config, { onAnswer, onNews, onProblem }) {
    this.#onAnswer = onAnswer;
    this.#onNews = onNews;
    this.#config = config;
    this.#onProblem = onProblem;
    this.#asked.experiment = config.experimentKey;
  }

  /** Gets ready when it is first looked at. */
  open() {
    this.#simulation ??= new Simulation(this.#config, {
      onOffer: (variations) => this.#offer(variations),
      onLack: (sentence) => {
        this.#simulator.refuse(sentence);
        this.#onNews(sentence, 'sandbox');
      },
    });
  }

  /** Nobody is asked for results before there is a sandbox. @param {import('./simulation.js').Variation[]} variations */
  #offer(variations) {
    this.#simulator.offer(variations);
    if (this.#query) return;
    const sandbox = { ...this.#config, sdkKey: SANDBOX };
    const query = this.#query = new ResultsQuery(sandbox, {
      onResults: (results, asked) => {
        if (asked !== this.#asked) return; // of the run before
        this.#show(results);
        this.#tell({ ofResults: '' });
      },
      onProblem: (sentence) => this.#tell({ ofResults: sentence }),
    });
    new ResultsFeed(sandbox, { onResults: () => this.#asked.start && query.ask(this.#asked), onLink: () => {} }).start();
  }

  /** @param {Partial<{ofRun: string, ofResults: string}>} problems that are, or '' for none any more */
  #tell(problems) {
    Object.assign(this.#problems, problems);
    this.#onProblem(this.#problems.ofRun || this.#problems.ofResults);
  }

  follow() {} // The sandbox has a datafile of its own.

  /** @param {Plan} plan */
  async #start(plan) {
    if (this.#running) return;
    const running = this.#running = new AbortController();
    this.#asked = { ...this.#asked, start: String(Date.now()) };
    this.#tell({ ofRun: '', ofResults: '' });
    let came = { done: 0, sorted: 0 };
    this.#simulator.progress(0, plan.visitors, true);
    try {
      await this.#simulation?.run(plan, running.signal, (done, sorted) => {
        came = { done, sorted };
        this.#simulator.progress(done, plan.visitors, true);
      });
    } catch (error) {
      this.#tell({ ofRun: sentenceOf(error) });
    }
    this.#running = undefined;
    const note = leftOut(came, this.#config.experimentKey, this.#simulation?.attributes ?? {});
    this.#simulator.progress(came.done, plan.visitors, false, note);
    this.#onAnswer(`${formatCount(came.done)} visitors simulated. ${note}`.trim());
    if (came.sorted > 0) this.#query?.ask(this.#asked);
    else find(document, '.js-outcome', HTMLElement).hidden = true;
  }

  /** @param {Results} results */
  #show({ experiments: [experiment] }) {
    if (!experiment) return;
    find(document, '.js-outcome', HTMLElement).hidden = false;
    this.#verdict.update(verdictOf(experiment));
    setText(find(document, '.js-peek', HTMLElement), peekOf(experiment));
    find(document, '.js-distribution', HTMLElement).replaceChildren(renderDistribution(experiment));
    find(document, '.js-metric', HTMLElement).replaceChildren(...experiment.metrics.slice(0, 1).map((metric) => renderMetric(experiment, metric)));
    find(document, '.js-health', HTMLElement).replaceChildren(renderHealth(experiment, this.#asked.start));
    find(document, '.js-more', HTMLAnchorElement).search = String(new URLSearchParams({ project: SANDBOX, start: this.#asked.start }));
  }
}
