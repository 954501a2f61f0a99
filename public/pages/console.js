/** The console: the one owner of its state. */

import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { renderHealth } from '../components/results-health/results-health.js';
import { renderMetric } from '../components/results-metric/results-metric.js';
import { ResultsVerdict } from '../components/results-verdict/results-verdict.js';
import { Simulator } from '../components/simulator/simulator.js';
import { loadConfig } from '../lib/config.js';
import { find, setText } from '../lib/dom.js';
import { sentenceOf } from '../lib/sentence.js';
import { peekOf } from '../lib/simulation.js';
import { verdictOf } from '../lib/verdict.js';
import { ResultsFeed } from './results-feed.js';
import { ResultsQuery } from './results-query.js';
import { SANDBOX, Simulation } from './simulation.js';

/** @typedef {import('../lib/simulation.js').Plan} Plan */
/** @typedef {import('../lib/results.js').Results} Results */

class ConsolePage {
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #verdict = new ResultsVerdict(find(document, '.js-verdict', HTMLElement));
  #simulator = new Simulator(find(document, '.js-simulator', HTMLFormElement), {
    onStart: (plan) => this.#start(plan),
    onStop: () => this.#running?.abort(),
  });
  /** @type {Simulation | undefined} */
  #simulation;
  /** @type {AbortController | undefined} */
  #running;
  /** @type {ResultsQuery | undefined} */
  #query;
  /** What is asked of the relay: the visitors of this run only. */
  #asked = { experiment: '', baseline: '', confidence: '', crossovers: '', start: '' };

  async open() {
    try {
      const config = await loadConfig();
      const sandbox = { ...config, sdkKey: SANDBOX };
      this.#asked.experiment = config.experimentKey;
      this.#query = new ResultsQuery(sandbox, { onResults: (results) => this.#show(results), onProblem: (sentence) => this.#notice.update(sentence) });
      new ResultsFeed(sandbox, {
        onResults: () => this.#asked.start && this.#query?.ask(this.#asked),
        onLink: (link) => this.#chip.update(link),
      }).start();
      this.#simulation = new Simulation(config);
      this.#simulator.offer(await this.#simulation.ready());
    } catch (error) {
      this.#notice.update(sentenceOf(error));
    }
  }

  /** @param {Plan} plan */
  async #start(plan) {
    if (this.#running) return;
    const running = this.#running = new AbortController();
    this.#asked.start = String(Date.now());
    this.#notice.update('');
    let done = 0;
    this.#simulator.progress(done, plan.visitors, true);
    try {
      await this.#simulation?.run(plan, running.signal, (visitors) => {
        done = visitors;
        this.#simulator.progress(done, plan.visitors, true);
      });
    } catch (error) {
      this.#notice.update(sentenceOf(error));
    }
    this.#running = undefined;
    this.#simulator.progress(done, plan.visitors, false);
    this.#query?.ask(this.#asked);
  }

  /** @param {Results} results */
  #show({ experiments: [experiment] }) {
    if (!experiment) return;
    find(document, '.js-outcome', HTMLElement).hidden = false;
    this.#verdict.update(verdictOf(experiment));
    setText(find(document, '.js-peek', HTMLElement), peekOf(experiment));
    find(document, '.js-metric', HTMLElement).replaceChildren(...experiment.metrics.slice(0, 1).map((metric) => renderMetric(experiment, metric)));
    find(document, '.js-health', HTMLElement).replaceChildren(renderHealth(experiment));
    find(document, '.js-more', HTMLAnchorElement).search = String(new URLSearchParams({ project: SANDBOX, start: this.#asked.start }));
  }
}

new ConsolePage().open();
