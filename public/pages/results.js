/** The results page: the one owner of its state. */

import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { ResultsChart } from '../components/results-chart/results-chart.js';
import { ResultsControls } from '../components/results-controls/results-controls.js';
import { renderHealth } from '../components/results-health/results-health.js';
import { renderMetric } from '../components/results-metric/results-metric.js';
import { ResultsVerdict } from '../components/results-verdict/results-verdict.js';
import { announce } from '../lib/announcer.js';
import { loadConfig } from '../lib/config.js';
import { counted } from '../lib/counted.js';
import { element, find, setText } from '../lib/dom.js';
import { carryLook } from '../lib/kept-look.js';
import { recall, remember } from '../lib/memory.js';
import { settingsIn } from '../lib/results-link.js';
import { orderedIds, pickExperiment, shownMetrics, titleOf } from '../lib/results.js';
import { sentenceOf } from '../lib/sentence.js';
import { STATUS, verdictOf } from '../lib/verdict.js';
import { ResultsFeed } from './results-feed.js';
import { ResultsQuery } from './results-query.js';

/** @typedef {import('../lib/results.js').Results} Results */
/** @typedef {import('../lib/results.js').Experiment} Experiment */
/** @typedef {import('../lib/results-link.js').Settings} Settings */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const days = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });
const TOKEN = 'results-token.';

class ResultsPage {
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLButtonElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #controls = new ResultsControls(find(document, '.js-controls', HTMLFormElement), (settings) => this.#choose(settings));
  #verdict = new ResultsVerdict(find(document, '.js-verdict', HTMLElement));
  #chart = new ResultsChart(find(document, '.js-chart', HTMLElement));
  #updated = find(document, '.js-updated', HTMLElement);
  /** @type {ResultsQuery | undefined} */
  #query;
  /** @type {Settings} */
  #settings = { experiment: '', baseline: '', confidence: '', crossovers: '', start: '', end: '' };
  /** The key of the experiment to begin with, which the store is about. */
  #first = '';
  /** Whether these are the results of the store's project. */
  #isStores = false;
  /** @type {Experiment[]} those there are, as last heard */
  #experiments = [];
  /** @type {Results | undefined} those that came while the page was hidden, as last heard */
  #unseen;
  /** The key of the experiment that is shown while none is chosen. */
  #usual = '';
  /** The experiment on the page, as text: what is the same is not drawn again. */
  #shown = '';
  /** What was last said of each variation, to say what has changed. */
  #told = new Map();
  /**
   * What keeps the feed, or the last question, from an answer; what the link asks for in vain, until the reader chooses; and what is odd
   * about the settings. '' for nothing.
   */
  #troubles = { problem: '', failure: '', lack: '', complaint: '' };
  /** Whether these results want a token. */
  #locked = false;

  async open() {
    carryLook();
    try {
      const config = await loadConfig();
      const asked = new URLSearchParams(location.search);
      const sdkKey = asked.get('project') || config.sdkKey;
      const token = recall(TOKEN + sdkKey, 'sessionStorage');
      this.#locked = token !== '';
      this.#first = config.experimentKey;
      this.#isStores = sdkKey === config.sdkKey;
      this.#troubles.complaint = config.complaint;
      this.#begin(asked, sdkKey, config.sdkKey);
      this.#query = new ResultsQuery({ ...config, sdkKey, token }, {
        onResults: (results, settings) => {
          this.#tell({ failure: '' });
          if (settings === this.#settings) this.#show(results, true);
        },
        onProblem: (failure) => this.#tell({ failure }),
        onRefused: (settings, name) => settings === this.#settings && this.#forget(name),
      });
      new ResultsFeed({ ...config, sdkKey, token }, {
        onResults: (results) => this.#hear(results),
        onLink: (link, problem) => {
          this.#chip.update(link);
          this.#updated.hidden = problem !== '' && !this.#shown;
          this.#tell({ problem });
        },
        onLocked: () => this.#unlock(sdkKey, token),
      }).start();
      document.addEventListener('visibilitychange', () => document.hidden || this.#wake());
    } catch (error) {
      this.#chip.update({ status: 'offline', fault: 'page' });
      this.#notice.update(sentenceOf(error));
      this.#updated.hidden = true;
    }
  }

  /** Asks for the token that opens these results, and begins again with it. @param {string} sdkKey @param {string} tried */
  #unlock(sdkKey, tried) {
    const form = find(document, '.js-token', HTMLFormElement);
    const field = find(form, 'input', HTMLInputElement);
    setText(find(form, '[data-field="words"]', HTMLElement), tried ? `This token does not open the results of ${sdkKey}.`
      : `The results of ${sdkKey} are not for everyone.`);
    form.hidden = false;
    if (tried) {
      field.ariaInvalid = 'true';
      field.focus(); // where it was before the page was loaded anew
    }
    this.#updated.hidden = true;
    this.#notice.update('');
    find(document, '.js-connection', HTMLElement).style.visibility = 'hidden'; // nothing is shown that could be fresh or old
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      remember(TOKEN + sdkKey, field.value.trim(), 'sessionStorage'); // of this tab: where that is denied the page asks again
      location.reload();
    }, { once: true });
  }

  /** @param {URLSearchParams} asked @param {string} sdkKey @param {string} usual */
  #begin(asked, sdkKey, usual) {
    const { settings, complaint } = settingsIn(asked);
    this.#settings = settings;
    this.#troubles.lack = complaint;
    this.#controls.show(settings);
    const { start, end } = settings;
    if (sdkKey === usual && !start && !end) return;
    const project = find(document, '.js-project', HTMLElement);
    const back = element('a', '', `Show all of ${usual}`);
    back.href = location.pathname;
    const range = [...start ? [`visitors since ${days.format(Number(start))}`] : [], ...end ? [`what happened before ${days.format(Number(end))}`] : []];
    const of = range.length > 0 ? `, of ${range.join(' and ')}` : '';
    project.replaceChildren('These are the results of the project ', element('code', '', sdkKey), `${of}. `, back);
    project.hidden = false;
  }

  /** Shows what there is where a link names an experiment or a baseline that there is not, or no longer. @param {string} refused which of the two */
  #forget(refused) {
    const name = refused === 'baseline' ? 'baseline' : 'experiment';
    const value = this.#settings[name];
    if (!value) return;
    const lack = `${this.#troubles.lack} This link asks for the ${name} ${value}, which these results do not have.`.trim();
    this.#choose({ ...this.#settings, [name]: '' });
    this.#shown = ''; // so that the next answer offers its variations, too
    this.#list();
    this.#tell({ lack, failure: '' });
  }

  /** @param {{problem?: string, failure?: string, lack?: string}} news of what is wrong */
  #tell(news) {
    const { problem, failure, lack, complaint } = Object.assign(this.#troubles, news);
    const hindrance = problem || failure;
    this.#notice.update(hindrance ? `${hindrance}${this.#shown && ' What is shown may be old.'}` : lack || complaint);
  }

  /** @param {Settings} settings */
  #choose(settings) {
    this.#tell({ lack: '' });
    this.#settings = settings;
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(settings)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(null, '', url);
    this.#ask();
  }

  /** Shows what came while nobody looked. */
  #wake() {
    if (this.#unseen) this.#hear(this.#unseen);
    else this.#ask();
  }

  #ask() {
    this.#query?.ask(this.#settings, this.#settings.experiment || this.#usual);
  }

  /**
   * The relay pushes what the defaults give of all experiments; anything else is asked for, of the one that is shown.
   * @param {Results} results
   */
  #hear(results) {
    this.#unseen = document.hidden && this.#usual ? results : undefined;
    if (this.#unseen) return;
    this.#experiments = results.experiments;
    this.#usual = pickExperiment(results, this.#first)?.experiment_key ?? '';
    this.#list();
    const { experiment, ...others } = this.#settings;
    if (!Object.values(others).some(Boolean)) this.#show(results, false);
    this.#ask();
  }

  #list() {
    if (this.#usual) this.#controls.list(this.#experiments, this.#settings.experiment || this.#usual);
  }

  /** @param {Results} results @param {boolean} withCourse */
  #show(results, withCourse) {
    setText(this.#updated, `Updated ${clock.format(new Date())}, revision ${results.revision}`);
    const experiment = pickExperiment(results, this.#settings.experiment || this.#first);
    find(document, '.js-empty', HTMLElement).hidden = experiment !== undefined;
    find(document, '.js-experiment', HTMLElement).hidden = experiment === undefined;
    if (!experiment) return;
    if (withCourse) this.#chart.update(experiment);
    const { metrics, ...rest } = experiment;
    const text = JSON.stringify([rest, metrics.map(({ results: each, ...metric }) => [metric, withoutCourse(each)])]);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#controls.update(experiment);
    this.#render(experiment);
    this.#announce(experiment);
  }

  /** @param {Experiment} experiment */
  #render(experiment) {
    setText(find(document, '.js-title', HTMLElement), experiment.experiment_key);
    setText(find(document, '.js-span', HTMLElement), spanOf(experiment));
    this.#verdict.update(verdictOf(experiment));
    const canBeFilled = this.#isStores && experiment.experiment_key === this.#first && experiment.x_variations.length > 0;
    find(document, '.js-hint', HTMLElement).hidden = experiment.reach.total_count > 0 || !canBeFilled;
    const metrics = shownMetrics(experiment);
    const of = (/** @type {boolean} */ primary) => metrics.filter(({ x_tier: tier }) => (tier === 'primary') === primary)
      .map((metric) => renderMetric(experiment, metric));
    find(document, '.js-primary', HTMLElement).replaceChildren(...of(true));
    const others = of(false);
    find(document, '.js-others', HTMLElement).replaceChildren(...others);
    find(document, '.js-more', HTMLElement).hidden = others.length === 0;
    find(document, '.js-health', HTMLElement).replaceChildren(renderHealth(experiment, this.#settings.start || this.#settings.end));
    find(document, '.js-export', HTMLElement).hidden = this.#locked; // a link cannot bring a token
    for (const format of ['csv', 'json']) {
      const link = find(document, `.js-export-${format}`, HTMLAnchorElement);
      link.href = this.#query?.address({ ...this.#settings, experiment: experiment.experiment_key }, { format }) ?? '';
    }
  }

  /** Says aloud whose status has changed, where figures are to be believed. @param {Experiment} experiment */
  #announce(experiment) {
    const known = this.#told.size > 0 && experiment.x_trustworthy;
    for (const metric of shownMetrics(experiment)) {
      for (const id of orderedIds(experiment, metric)) {
        const { name, x_status: status } = metric.results[id];
        const key = `${experiment.experiment_id} ${titleOf(metric)} ${id}`;
        if (known && this.#told.get(key) !== status) announce(`${name}: ${STATUS[status].word.toLowerCase()} for ${titleOf(metric)}.`, key);
        this.#told.set(key, status);
      }
    }
  }
}

/** @param {Experiment['metrics'][number]['results']} outcomes */
function withoutCourse(outcomes) {
  return Object.entries(outcomes).map(([id, { timeseries, ...outcome }]) => [id, outcome]);
}

/** @param {Experiment} experiment */
function spanOf({ reach, start_time: start, end_time: end, confidence_threshold: threshold, x_epochs: epochs, x_gone: gone }) {
  const parts = [counted(reach.total_count, 'visitor', 'visitors')];
  if (start && end) parts.push(days.formatRange(new Date(start), new Date(end)));
  const used = epochs.filter(({ visitors }) => visitors > 0).length;
  if (used > 1) parts.push(`compared within each of ${used} periods of one traffic split`);
  parts.push(`confidence ${Math.round(threshold * 100)}%`);
  if (gone) parts.push('no longer in the datafile');
  return parts.join(' · ');
}

new ResultsPage().open();
