import { find } from '../../lib/dom.js';

/**
 * Tabs as the ARIA Authoring Practices describe them: one of the list is in the tab order, arrows, Home and End go along it. The one
 * that is shown stands in the address, so that each can be linked to: `#events` is the tab whose link has that address.
 */
export class Tabs {
  /** @type {HTMLAnchorElement[]} */
  #tabs;
  #onShow;
  #shown = '';

  /**
   * @param {HTMLElement} root
   * @param {{onShow: (name: string) => void}} handlers told of the first one too
   */
  constructor(root, { onShow }) {
    const list = find(root, '[role="tablist"]', HTMLElement);
    this.#tabs = [...list.querySelectorAll('a')];
    this.#onShow = onShow;
    list.addEventListener('click', (event) => this.#click(event));
    list.addEventListener('keydown', (event) => this.#press(event));
    addEventListener('hashchange', () => this.#follow());
  }

  /** Shows the tab that the address names, else the first one. */
  start() {
    this.#follow();
  }

  #follow() {
    this.#show(this.#tabs.find((tab) => tab.hash === location.hash) ?? this.#tabs[0]);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const tab = this.#tabs.find((each) => each === event.target);
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return; // which opens it elsewhere
    event.preventDefault();
    this.#go(tab);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const at = this.#tabs.findIndex((tab) => tab === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const tab = event.key === ' ' ? this.#tabs[at] : to === undefined ? undefined : this.#tabs.at(to % this.#tabs.length);
    if (!tab || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#go(tab);
    tab.focus();
  }

  /** Without a jump: the browser would scroll to the address. @param {HTMLAnchorElement} tab */
  #go(tab) {
    const address = new URL(location.href);
    address.hash = tab.hash;
    history.replaceState(history.state, '', address);
    this.#show(tab);
  }

  /** @param {HTMLAnchorElement} chosen */
  #show(chosen) {
    const name = chosen.hash.slice(1);
    if (name === this.#shown) return;
    this.#shown = name;
    for (const tab of this.#tabs) {
      tab.setAttribute('aria-selected', String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      find(document, `#${tab.getAttribute('aria-controls')}`, HTMLElement).hidden = tab !== chosen;
    }
    chosen.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#onShow(name);
  }
}
