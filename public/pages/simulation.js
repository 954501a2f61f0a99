/** Visitors who do not exist, really sorted by the engine in this page and really counted by the relay: in its sandbox, never elsewhere. */

import { createForwardingEventProcessor, createInstance, createRelayProjectConfigManager, ready } from '../sdk/index.js';
import { relayAddress } from '../sdk/relay/address.js';
import { experimentByKey, parseDatafile } from '../lib/datafile.js';
import { randomFrom } from '../lib/simulation.js';

/** @typedef {import('../lib/simulation.js').Plan} Plan */
/** @typedef {{id: string, key: string}} Variation */

/** The project of a relay that is there to be played with; its events go nowhere. */
export const SANDBOX = 'sandbox';

const READY_MS = 8000;
/** So many visitors are one request, well below what the relay takes. */
const CROWD = 250;
const TRIES = 5;

export class Simulation {
  #config;
  #url;
  #client;
  /** What the SDK handed over to be sent: @type {any[]} visitors */
  #outbox = [];
  /** @type {object} what stands around them */
  #envelope = {};
  #datafile = '';

  /** @param {{relayUrl: string, experimentKey: string, eventKey: string}} config */
  constructor(config) {
    this.#config = config;
    this.#url = relayAddress(config.relayUrl, `v1/events?sdkKey=${SANDBOX}`);
    this.#client = createInstance({
      projectConfigManager: createRelayProjectConfigManager({
        relayUrl: config.relayUrl, sdkKey: SANDBOX, onDatafile: (/** @type {string} */ text) => { this.#datafile = text; },
      }),
      eventProcessor: createForwardingEventProcessor({ dispatchEvent: async ({ params }) => this.#collect(params) }),
    });
  }

  /**
   * @returns {Promise<Variation[]>} of the experiment
   * @throws {Error} whose message says why there is nothing to simulate
   */
  async ready() {
    await ready;
    await this.#client.onReady({ timeout: READY_MS }).catch(() => {
      throw new Error('This relay has no sandbox, or it cannot be reached: the simulator works where the relay runs the demo.');
    });
    const variations = experimentByKey(parseDatafile(this.#datafile), this.#config.experimentKey)?.variations;
    if (!variations?.length) throw new Error(`The sandbox has no experiment ${this.#config.experimentKey}.`);
    return variations;
  }

  /** @param {any} params of one event */
  async #collect({ visitors, ...envelope }) {
    this.#envelope = envelope;
    this.#outbox.push(...visitors);
    return { statusCode: 204 };
  }

  /**
   * @param {Plan} plan
   * @param {AbortSignal} signal stops it after the visitors that are on their way
   * @param {(done: number) => void} onProgress
   * @throws {Error} when the relay does not take the events
   */
  async run(plan, signal, onProgress) {
    const name = `sim-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    const random = randomFrom(crypto.getRandomValues(new Uint32Array(1))[0]);
    for (let done = 0; done < plan.visitors && !signal.aborted;) {
      const crowd = Math.min(CROWD, plan.visitors - done);
      for (let i = 0; i < crowd; i++) this.#visit(`${name}-${done + i}`, plan, random);
      await this.#send();
      onProgress(done += crowd);
    }
  }

  /** @param {string} visitor @param {Plan} plan @param {() => number} random */
  #visit(visitor, { rates, loss }, random) {
    const { experimentKey, eventKey } = this.#config;
    const before = this.#outbox.length;
    const variation = this.#client.activate(experimentKey, visitor);
    if (variation === null) return;
    if (variation === Object.keys(rates).at(-1) && random() < loss) this.#outbox.length = before;
    if (random() < rates[variation]) this.#client.track(eventKey, visitor, {}, { revenue: 2000 + Math.floor(random() * 6000) });
  }

  async #send() {
    const visitors = this.#outbox;
    this.#outbox = [];
    if (visitors.length === 0) return;
    const body = JSON.stringify({ ...this.#envelope, visitors });
    for (let tries = 1; ; tries++) {
      const response = await fetch(this.#url, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body }).catch(() => undefined);
      if (response?.ok) return;
      if (tries === TRIES || response && response.status < 500 && response.status !== 429) {
        throw new Error(`The relay does not take the events${response ? `: it answered with status ${response.status}` : ', and cannot be reached'}.`);
      }
      const seconds = Number(response?.headers.get('Retry-After')) || tries;
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  }
}
