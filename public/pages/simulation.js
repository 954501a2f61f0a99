/** Visitors who do not exist, really sorted by the engine in this page and really counted by the relay: in its sandbox, never elsewhere. */

import { createForwardingEventProcessor, createInstance, createRelayProjectConfigManager, ready } from '../sdk/index.js';
import { relayAddress } from '../sdk/relay/address.js';
import { usualAttributes } from '../lib/attributes.js';
import { experimentByKey, parseDatafile } from '../lib/datafile.js';
import { sentenceOf } from '../lib/sentence.js';
import { randomFrom } from '../lib/simulation.js';

/** @typedef {import('../lib/simulation.js').Plan} Plan */
/** @typedef {import('../lib/datafile.js').Datafile} Datafile */
/** @typedef {{id: string, key: string}} Variation */

/** The project of a relay that is there to be played with; its events go nowhere. */
export const SANDBOX = 'sandbox';

/** So many visitors are one request, well below what the relay takes. */
const CROWD = 250;
const TRIES = 5;

/**
 * @param {{revision?: string | null, error?: string, fault?: string}} link to the sandbox
 * @returns {string} why there is nothing to try things in, '' where there is or may soon be
 */
export function lackOfSandbox({ revision, error, fault }) {
  if (revision || !error) return '';
  return fault === 'key' ? 'This relay has no sandbox to try things in: --project sandbox=FILE adds one.' : sentenceOf(error);
}

/**
 * @param {Datafile} datafile of the sandbox, which may be another project's than the page's
 * @param {{experimentKey: string, eventKey: string}} config
 * @returns {string} what the page would try there in vain, '' where all is there
 */
export function misfitOfSandbox(datafile, { experimentKey, eventKey }) {
  const without = (/** @type {string} */ what) => `The sandbox has no ${what}: --project sandbox=FILE gives it another datafile.`;
  if (!experimentByKey(datafile, experimentKey)?.variations?.length) return without(`experiment ${experimentKey}`);
  return datafile.events?.some(({ key }) => key === eventKey) ? '' : without(`event ${eventKey}`);
}

export class Simulation {
  /** Of every visitor, as in the store. */
  attributes = usualAttributes();
  #config;
  #url;
  #client;
  /** What the SDK handed over to be sent: @type {any[]} visitors */
  #outbox = [];
  /** @type {object} what stands around them */
  #envelope = {};
  #onOffer;
  #onLack;

  /**
   * @param {{relayUrl: string, experimentKey: string, eventKey: string}} config
   * @param {object} handlers
   * @param {(variations: Variation[]) => void} handlers.onOffer these are the experiment's from now on
   * @param {(sentence: string) => void} handlers.onLack there is nothing to simulate, at least for now
   */
  constructor(config, { onOffer, onLack }) {
    this.#config = config;
    this.#onOffer = onOffer;
    this.#onLack = onLack;
    this.#url = relayAddress(config.relayUrl, `v1/events?sdkKey=${SANDBOX}`);
    this.#client = createInstance({
      projectConfigManager: createRelayProjectConfigManager({
        relayUrl: config.relayUrl, sdkKey: SANDBOX, onState: (link) => this.#tell(lackOfSandbox(link)), onDatafile: (text) => this.#read(text),
      }),
      eventProcessor: createForwardingEventProcessor({ dispatchEvent: async ({ params }) => this.#collect(params) }),
    });
    ready.catch((error) => this.#tell(sentenceOf(error)));
  }

  /** @param {string} lack '' for none */
  #tell(lack) {
    if (lack) this.#onLack(lack);
  }

  /** @param {string} datafile */
  #read(datafile) {
    const read = parseDatafile(datafile);
    const misfit = misfitOfSandbox(read, this.#config);
    if (misfit) this.#onLack(misfit);
    else this.#onOffer(experimentByKey(read, this.#config.experimentKey)?.variations ?? []);
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
   * @param {(done: number, sorted: number) => void} onProgress told how many came, and how many of them got a variation
   * @throws {Error} when the relay does not take the events
   */
  async run(plan, signal, onProgress) {
    const name = `sim-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    const random = randomFrom(crypto.getRandomValues(new Uint32Array(1))[0]);
    for (let done = 0, sorted = 0; done < plan.visitors && !signal.aborted;) {
      const crowd = Math.min(CROWD, plan.visitors - done);
      for (let i = 0; i < crowd; i++) if (this.#visit(`${name}-${done + i}`, plan, random)) sorted++;
      await this.#send();
      onProgress(done += crowd, sorted);
    }
  }

  /** @param {string} visitor @param {Plan} plan @param {() => number} random @returns {boolean} whether they got a variation */
  #visit(visitor, { rates, last, loss }, random) {
    const { experimentKey, eventKey } = this.#config;
    const before = this.#outbox.length;
    const variation = this.#client.activate(experimentKey, visitor, this.attributes);
    if (variation === null) return false;
    if (variation === last && random() < loss) this.#outbox.length = before;
    if (random() < rates[variation]) this.#client.track(eventKey, visitor, this.attributes, { revenue: 2000 + Math.floor(random() * 6000) });
    return true;
  }

  async #send() {
    const visitors = this.#outbox;
    this.#outbox = [];
    if (visitors.length === 0) return;
    const body = JSON.stringify({ ...this.#envelope, visitors });
    for (let tries = 1; ; tries++) {
      const response = await fetch(this.#url, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => {}); // an answer that is not read to its end is called off
      if (response?.ok) return;
      if (tries === TRIES || response && response.status < 500 && response.status !== 429) {
        throw new Error(`The relay does not take the events${response ? `: it answered with status ${response.status}` : ', and cannot be reached'}.`);
      }
      const seconds = Number(response?.headers.get('Retry-After')) || tries;
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  }
}
