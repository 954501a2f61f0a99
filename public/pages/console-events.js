/** The console's tab "Events": those of this browser's pages as they go, and some of its own to try what a broken network does. */

import { EventLogView } from '../components/event-log/event-log.js';
import { usualAttributes } from '../lib/attributes.js';
import { parseDatafile } from '../lib/datafile.js';
import { find, setText } from '../lib/dom.js';
import { EventLog, describeQueues } from '../lib/event-log.js';
import { EventWire } from '../lib/event-wire.js';
import { sentenceOf } from '../lib/sentence.js';
import { randomVisitor } from '../lib/visitor.js';
import { NOTIFICATION_TYPES, createInstance, createRelayEventProcessor, createRelayProjectConfigManager } from '../sdk/index.js';
import { relayAddress } from '../sdk/relay/address.js';
import { SANDBOX, lackOfSandbox, misfitOfSandbox } from './simulation.js';

/**
 * @typedef {import('../lib/config.js').Config} Config
 * @typedef {import('../lib/event-wire.js').News} News
 * @typedef {import('./console.js').Handlers} Handlers
 * @typedef {import('./console.js').Tab} Tab
 * @typedef {import('./revision.js').Revision} Revision
 *
 * @typedef {object} Sandbox
 * @property {import('../components/connection-chip/connection-chip.js').Link} [link] to it
 * @property {string} misfit what the page would try there in vain, '' for nothing
 */

const PAGE = 'console';
/** Visitors a press of the button makes up; each sees something and buys something. */
const VISITORS = 5;
const REVENUE = 1900;

/** @implements {Tab} */
export class EventsTab {
  #view = new EventLogView(find(document, '.js-event-log', HTMLElement), {
    onFilter: (kind) => this.#filter(kind),
    onClear: () => this.#clear(),
    onResend: (uuid) => this.#resend(uuid),
  });
  #try = find(document, '.js-try-events', HTMLFormElement);
  #config;
  #onProblem;
  #log = new EventLog();
  #wire = new EventWire(PAGE, (news) => this.#hear(news));
  #kind = '';
  /** What each page told of its queue, by its tab. @type {Map<string, {page: string, queue: NonNullable<News['queue']>}>} */
  #queues = new Map();
  /** @type {Sandbox} */
  #sandbox = { misfit: '' };
  #isCut = false;
  /** The first one is no news. */
  #hasDatafile = false;
  #isOpen = false;
  #isDue = false;
  /** @type {ReturnType<typeof createInstance> | undefined} */
  #client;

  /** @param {Config} config @param {Handlers} handlers */
  constructor(config, { onProblem }) {
    this.#config = config;
    this.#onProblem = onProblem;
    this.#try.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#make();
    });
    find(this.#try, '[name="cut"]', HTMLInputElement).addEventListener('change', ({ target }) => this.#cut(/** @type {HTMLInputElement} */ (target).checked));
    setInterval(() => this.#renderQueues(), 1000);
  }

  /** Gets ready for events of its own when it is first looked at. */
  open() {
    this.#isOpen = true;
    this.#render();
    if (this.#client) return;
    const { relayUrl } = this.#config;
    this.#client = createInstance({
      projectConfigManager: createRelayProjectConfigManager({
        relayUrl, sdkKey: SANDBOX, onState: (link) => this.#offer({ link }), onDatafile: (text) => this.#offer({ misfit: misfitOfSandbox(parseDatafile(text), this.#config) }),
      }),
      eventProcessor: createRelayEventProcessor({ relayUrl, sdkKey: SANDBOX, fetch: this.#wire.watched((url, init) => this.#fetch(url, init)), ...this.#wire.listeners }),
    });
    this.#client.notificationCenter.addNotificationListener(NOTIFICATION_TYPES.LOG_EVENT, (batch) => this.#wire.sent(batch));
  }

  /** Offers to try events where the sandbox is there and has what they are about. @param {Partial<Sandbox>} change */
  #offer(change) {
    const { link, misfit } = Object.assign(this.#sandbox, change);
    const isReady = Boolean(link?.revision) && !misfit;
    find(this.#try, 'button', HTMLButtonElement).disabled = !isReady;
    find(document, '.js-or-try', HTMLElement).hidden = !isReady;
    setText(find(this.#try, '[data-field="words"]', HTMLElement), (link && lackOfSandbox(link)) || misfit);
  }

  /** @param {Revision} revision that decides from now on */
  follow({ name }) {
    if (this.#hasDatafile) this.#log.note(`Revision ${name} decides`, Date.now());
    this.#hasDatafile = true;
    this.#schedule();
  }

  /** @param {News} news */
  #hear(news) {
    const { page, queue, tab } = news;
    if (queue) {
      if (!this.#queues.has(tab)) navigator.locks?.request(tab, () => this.#queues.delete(tab)).catch(() => {}); // granted when the page is gone
      this.#queues.set(tab, { page, queue });
    } else if (queue === null) this.#queues.delete(tab);
    this.#log.hear(news, Date.now());
    this.#schedule();
  }

  /** Renders once for all that comes until the next frame. */
  #schedule() {
    if (!this.#isOpen || this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  #render() {
    this.#view.update(this.#log.entries(this.#kind));
    this.#renderQueues();
  }

  #renderQueues() {
    if (!this.#isOpen) return;
    const lines = describeQueues([...this.#queues.values()], Date.now());
    setText(find(document, '.js-queues', HTMLElement), lines.join('\n') || 'No page has events waiting.');
  }

  /** @param {string} kind '' for every kind */
  #filter(kind) {
    this.#kind = kind;
    this.#render();
  }

  #clear() {
    this.#log.clear();
    this.#render();
  }

  /** Has visitors who do not exist see and buy something, in the relay's sandbox. */
  #make() {
    const { experimentKey, eventKey } = this.#config;
    const attributes = usualAttributes();
    for (let i = 0; i < VISITORS; i++) {
      const visitor = randomVisitor();
      this.#client?.activate(experimentKey, visitor, attributes);
      this.#client?.track(eventKey, visitor, attributes, { revenue: REVENUE });
    }
  }

  /** @param {string | URL | Request} url @param {RequestInit} [init] */
  #fetch(url, init) {
    return this.#isCut ? Promise.reject(new TypeError('the network is cut')) : fetch(url, init);
  }

  /** Cuts this page's events off the network, or lets them go on: at once, as when a device finds its network again. @param {boolean} isCut */
  #cut(isCut) {
    this.#isCut = isCut;
    if (!isCut) dispatchEvent(new Event('online'));
  }

  /** Sends an event once more, as it was: the relay knows it by its uuid. @param {string} uuid */
  async #resend(uuid) {
    const payload = this.#log.find(uuid)?.payload;
    try {
      const response = await this.#fetch(relayAddress(this.#config.relayUrl, `v1/events?sdkKey=${SANDBOX}`), { method: 'POST', body: JSON.stringify(payload) });
      if (!response.ok) throw new Error(`The relay answered with status ${response.status}.`);
      const hadIt = response.headers.get('x-duplicates') !== null;
      const kind = this.#log.find(uuid)?.kind ?? '';
      this.#log.hear({ page: PAGE, event: { uuid, kind, status: hadIt ? 'duplicate' : 'safe' } }, Date.now());
      this.#schedule();
      this.#onProblem('');
    } catch (error) {
      this.#onProblem(sentenceOf(error));
    }
  }
}
