import { find, setText } from '../../lib/dom.js';

/**
 * @typedef {object} Link
 * @property {'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline'} status
 * @property {string | null} [revision] of the newest datafile this page has
 * @property {string} [error] one sentence on what is amiss
 */

const WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  polling: 'Polling',
  offline: 'Offline',
};

/** Says in a word and an icon how fresh the page's data is. */
export class ConnectionChip {
  #root;
  #status;
  #revision;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#status = find(root, '[data-field="status"]', HTMLElement);
    this.#revision = find(root, '[data-field="revision"]', HTMLElement);
  }

  /** @param {Link} link */
  update({ status, revision }) {
    this.#root.dataset.status = status;
    setText(this.#status, WORDS[status]);
    setText(this.#revision, revision ? `, revision ${revision}` : '');
  }
}
