/** The console: owns what its tabs have in common, the datafile that decides and the line it came by. Each tab owns the rest. */

import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { Tabs } from '../components/tabs/tabs.js';
import { announce, answer } from '../lib/announcer.js';
import { complaintOf, lacksDatafile } from '../lib/complaint.js';
import { loadConfig } from '../lib/config.js';
import { find } from '../lib/dom.js';
import { takeLook } from '../lib/kept-look.js';
import { sentenceOf } from '../lib/sentence.js';
import { createInstance, createRelayProjectConfigManager, ready } from '../sdk/index.js';
import { DatafileTab } from './console-datafile.js';
import { EngineTab } from './console-engine.js';
import { EventsTab } from './console-events.js';
import { SimulateTab } from './console-simulate.js';
import { WhyTab } from './console-why.js';
import { Revision } from './revision.js';

/**
 * @typedef {import('../components/connection-chip/connection-chip.js').Link} Link
 * @typedef {import('../lib/config.js').Config} Config
 *
 * @typedef {object} Tab
 * @property {() => void} open called each time it is shown: what is dear it does at the first
 * @property {(revision: Revision) => void} follow called with each datafile that decides from now on, whether it is shown or not; the
 *   one before is closed then
 *
 * @typedef {object} Handlers
 * @property {(sentence: string, about?: string) => void} onNews told to those who hear the page; about the same the last counts
 * @property {(sentence: string) => void} onAnswer told to them at once: what came of something they did
 * @property {(sentence: string) => void} onProblem told to everyone who looks at the tab; '' when all is well again
 */

class ConsolePage {
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLButtonElement));
  #config;
  #notice;
  #why;
  /** @type {Record<string, Tab>} by the names in the address */
  #tabs;
  /** Why there is nothing to ask, as long as there is not. */
  #lack = 'There is no datafile to ask yet.';
  /** What is amiss with all of the page, and what with each tab, of which the one that is shown is told. */
  #failure = '';
  #complaint = '';
  /** @type {Record<string, string>} */
  #problems = {};
  #shown = '';
  /** @type {Revision | undefined} that decides */
  #revision;

  /** @param {Config} config @param {Notice} notice */
  constructor(config, notice) {
    this.#config = config;
    this.#notice = notice;
    this.#why = new WhyTab(config, this.#handlersOf('why'));
    this.#tabs = {
      why: this.#why,
      simulate: new SimulateTab(config, this.#handlersOf('simulate')),
      datafile: new DatafileTab(config, this.#handlersOf('datafile')),
      events: new EventsTab(config, this.#handlersOf('events')),
      engine: new EngineTab(config, this.#handlersOf('engine')),
    };
  }

  /** @param {string} name of a tab @returns {Handlers} */
  #handlersOf(name) {
    return {
      onNews: announce,
      onAnswer: answer,
      onProblem: (sentence) => {
        this.#problems[name] = sentence;
        this.#tell();
      },
    };
  }

  /** Follows the relay until the page goes. */
  async open() {
    new Tabs(find(document, '.js-tabs', HTMLElement), { onShow: (name) => this.#show(name) }).start();
    const { relayUrl, sdkKey } = this.#config;
    createInstance({
      projectConfigManager: createRelayProjectConfigManager({
        relayUrl, sdkKey, onState: (link) => this.#hear(link), onDatafile: (text) => this.#follow(text),
      }),
    });
    await ready.catch((error) => {
      this.#lack = 'Without the engine nothing can be decided.';
      this.#why.fail(this.#lack);
      this.#failure = sentenceOf(error);
      this.#tell();
    });
  }

  /** @param {string} name of a tab */
  #show(name) {
    this.#shown = name;
    this.#tell();
    this.#tabs[name].open();
  }

  /** The gravest first. */
  #tell() {
    this.#notice.update(this.#failure || this.#complaint || this.#problems[this.#shown] || this.#config.complaint);
  }

  /** @param {Link} link */
  #hear(link) {
    this.#chip.update(link);
    const { isServed, relayUrl, sdkKey } = this.#config;
    const remedy = lacksDatafile(link) ? ` To mend it: the relay’s log says why, and its --project ${sdkKey}=SOURCE what the source is.` : '';
    this.#complaint = complaintOf(link, isServed ? '' : relayUrl) + remedy;
    this.#tell();
    if (this.#complaint) this.#why.fail(this.#lack);
  }

  /** @param {string} text a datafile that the engine took */
  async #follow(text) {
    const revision = await Revision.open(text);
    const former = this.#revision;
    this.#revision = revision;
    for (const tab of Object.values(this.#tabs)) tab.follow(revision);
    former?.project.close(); // no tab decides by it any more
  }
}

takeLook();
const notice = new Notice(find(document, '.js-notice', HTMLElement));
loadConfig().then((config) => new ConsolePage(config, notice).open()).catch((error) => {
  notice.update(sentenceOf(error));
  find(document, '.js-tabs', HTMLElement).hidden = true; // nothing in them would come
  new ConnectionChip(find(document, '.js-connection', HTMLButtonElement)).update({ status: 'offline', fault: 'page' });
});
