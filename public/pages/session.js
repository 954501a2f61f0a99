/** One page's line to the experiment: the SDK's client, and the few things the shop asks of it. */

import {
  NOTIFICATION_TYPES, createInstance, createRelayEventProcessor, createRelayProjectConfigManager, ready,
} from '../sdk/index.js';
import { relayDecision } from '../lib/agreement.js';
import { saveAllocation } from '../lib/allocation.js';
import { parseDatafile } from '../lib/datafile.js';
import { EventWire } from '../lib/event-wire.js';
import { toCents } from '../lib/money.js';
import { relayAddress } from '../sdk/relay/address.js';

/** @typedef {import('../lib/config.js').Config} Config */
/** @typedef {import('../lib/catalogue.js').Item} Item */
/** @typedef {import('../lib/datafile.js').Datafile} Datafile */
/** @typedef {import('../components/connection-chip/connection-chip.js').Link} Link */
/** @typedef {import('../components/shelf/shelf.js').Receipt} Receipt */
/** @typedef {import('../lib/visitor.js').Look} Look */

/**
 * @typedef {object} Listeners
 * @property {(link: Link) => void} onLink the connection to the relay changed
 * @property {() => void} onDatafile another datafile decides from now on, the first one included
 * @property {(datafile: Datafile) => void} onNews what that datafile says, a moment later
 * @property {(item: Item, receipt: Receipt) => void} onReceipt a purchase went a step further
 */

/** @typedef {{item: Item, visitor: string, cents: number}} Purchase */

/** The first datafile is given this long before the page says that something is amiss. */
const READY_MS = 8000;

/** Follows the relay from the moment it is made until the page goes. */
export class Session {
  #config;
  #client;
  #onReceipt;
  /** @type {Map<string, Purchase>} by the uuid of the event that tells of it, until the relay has it */
  #purchases = new Map();
  /** @type {Purchase | undefined} what is being tracked right now */
  #buying;

  /**
   * @param {Config} config
   * @param {Listeners} listeners
   */
  constructor(config, { onLink, onDatafile, onNews, onReceipt }) {
    const { relayUrl, sdkKey } = config;
    this.#config = config;
    this.#onReceipt = onReceipt;
    const wire = new EventWire('store');
    const { onEvent, onQueue } = wire.listeners;
    this.#client = createInstance({
      projectConfigManager: createRelayProjectConfigManager({
        relayUrl,
        sdkKey,
        onState: onLink,
        // The decisions do not wait for the words.
        onDatafile: (/** @type {string} */ text) => setTimeout(() => onNews(parseDatafile(text))),
      }),
      eventProcessor: createRelayEventProcessor({
        relayUrl, sdkKey, onQueue, onEvent: (event) => { this.#follow(event); onEvent(event); }, fetch: wire.watched(),
      }),
    });
    const { notificationCenter } = this.#client;
    notificationCenter.addNotificationListener(NOTIFICATION_TYPES.LOG_EVENT, (batch) => wire.sent(batch));
    notificationCenter.addNotificationListener(NOTIFICATION_TYPES.TRACK, (tracked) => this.#note(tracked));
    notificationCenter.addNotificationListener(NOTIFICATION_TYPES.OPTIMIZELY_CONFIG_UPDATE, () => onDatafile());
  }

  /**
   * @returns {Promise<boolean>} whether a datafile is there; false after a while without, though it may still come
   * @throws {Error} whose message says why there is no engine
   */
  async ready() {
    await ready;
    return this.#client.onReady({ timeout: READY_MS }).then(() => true, () => false);
  }

  /**
   * Gives each variation another share of the visitors, for everyone. The datafile that says so comes to every page.
   * @param {readonly {id: string}[]} variations
   * @param {readonly number[]} shares in per cent
   * @throws {Error} whose message says why not
   */
  async allocate(variations, shares) {
    await saveAllocation(this.#config, variations, shares);
  }

  /**
   * Decides for the visitor, and reports that they have seen the outcome, unless a variation was chosen for them.
   * @param {Look} look
   * @returns {{variation: string | null, isForced: boolean}} the variation's key, null when the experiment leaves them out; and whether it
   *   is the chosen one, which there may not be
   */
  decide({ visitor, attributes, forced }) {
    const { experimentKey } = this.#config;
    this.#client.setForcedVariation(experimentKey, visitor, null); // or one chosen before stays where there is none of this name
    if (!forced) return { variation: this.#client.activate(experimentKey, visitor, attributes), isForced: false };
    const isForced = this.#client.setForcedVariation(experimentKey, visitor, forced);
    return { variation: this.#client.getVariation(experimentKey, visitor, attributes), isForced };
  }

  /**
   * Decides the same again and again, and reports it to nobody.
   * @param {Look} look
   * @param {number} times
   * @param {string | null} variation
   * @returns {number} how many times it was that variation
   */
  decideAnew({ visitor, attributes }, times, variation) {
    let same = 0;
    for (let i = 0; i < times; i++) if (this.#client.getVariation(this.#config.experimentKey, visitor, attributes) === variation) same++;
    return same;
  }

  /**
   * What the relay's own engine decides.
   * @param {Look} look
   * @returns {Promise<string | null | undefined>} undefined when it does not answer
   */
  async askRelay({ visitor, attributes }) {
    const { experimentKey, relayUrl, sdkKey } = this.#config;
    const query = new URLSearchParams({ experimentKey, disableTracking: 'true' });
    return relayDecision(String(relayAddress(relayUrl, `v1/activate?${query}`)), sdkKey)(visitor, attributes).catch(() => undefined);
  }

  /**
   * Tracks a purchase; what becomes of it is told to onReceipt, the first step at once.
   * @param {Look} look
   * @param {Item} item
   */
  buy({ visitor, attributes }, item) {
    const cents = toCents(item.price);
    this.#buying = { item, visitor, cents };
    this.#client.track(this.#config.eventKey, visitor, attributes, { revenue: cents, value: item.price, item: item.id });
    const untracked = this.#buying;
    this.#buying = undefined;
    if (untracked) this.#tell(untracked, 'refused', `no event ${this.#config.eventKey}`);
  }

  /** @param {{logEvent: any}} tracked the event that tells of the purchase being made */
  #note({ logEvent }) {
    if (!this.#buying) return;
    this.#purchases.set(logEvent.params.visitors[0].snapshots[0].events[0].uuid, this.#buying);
    this.#tell(this.#buying, 'queued');
    this.#buying = undefined;
  }

  /** @param {{uuid: string, status: Receipt['status'] | 'duplicate', error?: string}} event */
  #follow({ uuid, status, error }) {
    const purchase = this.#purchases.get(uuid);
    if (!purchase) return;
    if (status === 'duplicate') status = 'safe';
    this.#tell(purchase, status, error);
    if (status === 'safe' || status === 'refused') this.#purchases.delete(uuid);
  }

  /**
   * @param {Purchase} purchase
   * @param {Receipt['status']} status
   * @param {string} [reason]
   */
  #tell({ item, visitor, cents }, status, reason) {
    this.#onReceipt(item, { visitor, status, cents, reason });
  }
}
