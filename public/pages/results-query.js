/** Asks the relay for results with their courses, one question at a time and not too often. */

import { failureOf, fetchJSON } from '../lib/fetch-json.js';
import { sentenceOf } from '../lib/sentence.js';
import { relayAddress } from '../sdk/relay/address.js';

/** @typedef {import('../lib/results.js').Results} Results */
/** @typedef {import('../lib/results-link.js').Settings} Settings */
/** @typedef {{settings: Settings, experiment: string}} Question */

const PAUSE_MS = 700;
/** After a question that had no answer, and may have one yet. */
const RETRY_MS = 2_000;

export class ResultsQuery {
  #base;
  #token;
  #onResults;
  #onProblem;
  #onRefused;
  /** @type {Question | undefined} */
  #wanted;
  #asking = false;

  /**
   * @param {{relayUrl: string, sdkKey: string, token?: string}} config
   * @param {object} handlers
   * @param {(results: Results, settings: Settings) => void} handlers.onResults
   * @param {(sentence: string) => void} handlers.onProblem
   * @param {(settings: Settings, name: string) => void} [handlers.onRefused] the results do not have what the settings name, of which this is the name
   */
  constructor({ relayUrl, sdkKey, token }, { onResults, onProblem, onRefused = () => {} }) {
    this.#base = relayAddress(relayUrl, `v1/results/${encodeURIComponent(sdkKey)}`);
    this.#token = token;
    this.#onResults = onResults;
    this.#onProblem = onProblem;
    this.#onRefused = onRefused;
  }

  /** The address of an answer. @param {Settings} settings @param {Record<string, string>} [more] */
  address(settings, more = {}) {
    const url = new URL(this.#base);
    for (const [name, value] of Object.entries({ ...settings, ...more })) if (value) url.searchParams.set(name, value);
    return String(url);
  }

  /**
   * Asks now, or as soon as the question before is done with; and again where the relay could not answer.
   * @param {Settings} settings
   * @param {string} [experiment] key of the one that is shown, where none was chosen: the courses of all of a large project are megabytes
   */
  async ask(settings, experiment = settings.experiment) {
    this.#wanted = { settings, experiment };
    if (this.#asking) return;
    this.#asking = true;
    while (this.#wanted) {
      /** @type {Question} */
      const question = this.#wanted;
      this.#wanted = undefined;
      const hasAnswer = await this.#answer(question);
      if (!hasAnswer) this.#wanted ??= question;
      await new Promise((resolve) => setTimeout(resolve, hasAnswer ? PAUSE_MS : RETRY_MS));
    }
    this.#asking = false;
  }

  /** @param {Question} question @returns {Promise<boolean>} false where the relay may have an answer later */
  async #answer({ settings, experiment }) {
    try {
      this.#onResults(/** @type {Results} */ (await fetchJSON(this.address(settings, { experiment }), this.#token)), settings);
      return true;
    } catch (error) {
      this.#onProblem(sentenceOf(error));
      const { status, field } = failureOf(error);
      if (status === 400) this.#onRefused(settings, field);
      return !(status === 0 || status === 429 || Number(status) >= 500);
    }
  }
}
