/** The results page: the one owner of its state. */

import { ConnectionChip } from '../components/connection-chip/connection-chip.js';
import { Notice } from '../components/notice/notice.js';
import { renderResults } from '../components/results-table/results-table.js';
import { loadConfig } from '../lib/config.js';
import { find, setText } from '../lib/dom.js';
import { toTables } from '../lib/results.js';
import { sentenceOf } from '../lib/sentence.js';
import { ResultsFeed } from './results-feed.js';

/** @typedef {import('../lib/results.js').Results} Results */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

class ResultsPage {
  #chip = new ConnectionChip(find(document, '.js-connection', HTMLElement));
  #notice = new Notice(find(document, '.js-notice', HTMLElement));
  #tables = find(document, '.js-tables', HTMLElement);
  #empty = find(document, '.js-empty', HTMLElement);
  #updated = find(document, '.js-updated', HTMLElement);
  /** The results on the page, as text: what is the same is not drawn again. */
  #shown = '';

  async open() {
    try {
      new ResultsFeed(await loadConfig(), {
        onResults: (results) => this.#show(results),
        onLink: (link, problem) => {
          this.#chip.update(link);
          this.#notice.update(problem && `${problem} What is shown may be old.`);
        },
      }).start();
    } catch (error) {
      this.#chip.update({ status: 'offline' });
      this.#notice.update(sentenceOf(error));
    }
  }

  /** @param {Results} results */
  #show(results) {
    setText(this.#updated, `Updated ${clock.format(new Date())}`);
    const text = JSON.stringify(results.experiments);
    if (text === this.#shown) return;
    this.#shown = text;
    const tables = toTables(results).filter((table) => table.total.visitors > 0);
    this.#tables.replaceChildren(...tables.map(renderResults));
    this.#tables.hidden = tables.length === 0;
    this.#empty.hidden = !this.#tables.hidden;
  }
}

new ResultsPage().open();
