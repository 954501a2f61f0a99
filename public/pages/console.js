/** The console: owns what its tabs have in common, the datafile that decides and the line it came by. Each tab owns the rest. */

import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { Tabs } from '../components/tabs/tabs.js';
import { complaintOf } from '../lib/complaint.js';
import { loadConfig } from '../lib/config.js';
import { find } from '../lib/dom.js';
import { sentenceOf } from '../lib/sentence.js';
import { createInstance, createRelayProjectConfigManager } from '../sdk/index.js';
import { DatafileTab } from './console-datafile.js';
import { EngineTab } from './console-engine.js';
import { EventsTab } from './console-events.js';
import { SimulateTab } from './console-simulate.js';
import { WhyTab } from './console-why.js';
import { Revision } from './revision.js';

/** @typedef {import('../components/connection-chip/connection-chip.js').Link} Link */
/** @typedef {import('../lib/config.js').Config} Config */

class ConsolePage {
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #config;
  #why;
  #simulate;
  #datafile;
  #events;
  #engine;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
    this.#why = new WhyTab(config.experimentKey);
    this.#datafile = new DatafileTab(config);
    const onProblem = (/** @type {string} */ sentence) => this.#notice.update(sentence);
    this.#events = new EventsTab(config, { onProblem });
    this.#engine = new EngineTab(config, { onProblem });
    this.#simulate = new SimulateTab(config, { onProblem });
  }

  open() {
    new Tabs(find(document, '.js-tabs', HTMLElement), { onShow: (name) => this.#show(name) }).start();
    const { relayUrl, sdkKey } = this.#config;
    createInstance({
      projectConfigManager: createRelayProjectConfigManager({
        relayUrl, sdkKey, onState: (link) => this.#hear(link), onDatafile: (text) => this.#follow(text),
      }),
    });
  }

  /** @param {string} tab */
  #show(tab) {
    if (tab === 'simulate') this.#simulate.open();
    if (tab === 'engine') this.#engine.open();
    if (tab === 'events') this.#events.open();
    if (tab === 'datafile') this.#datafile.open();
  }

  /** @param {Link} link */
  #hear(link) {
    this.#chip.update(link);
    const complaint = complaintOf(link, this.#config.relayUrl);
    this.#notice.update(complaint);
    if (complaint) this.#why.fail('There is no datafile to ask yet.');
  }

  /** @param {string} text a datafile that the engine took */
  async #follow(text) {
    this.#datafile.follow(text);
    const revision = await Revision.open(text);
    this.#why.follow(revision);
    this.#engine.follow(revision);
    this.#events.note(`Revision ${revision.name} decides`);
  }
}

loadConfig().then((config) => new ConsolePage(config).open()).catch((error) => {
  new Notice(find(document, '.js-notice', HTMLElement)).update(sentenceOf(error));
});
