import { element } from '../../lib/dom.js';

/** Offers a newer site. It stays until the visitor takes it or sends it away, and does not come back on this page. */
export class NewerSite {
  #root;

  /** @param {{onReload: () => void}} handlers */
  constructor({ onReload }) {
    const reload = element('button', 'button', 'Reload');
    const later = element('button', 'button button--quiet', 'Later');
    for (const button of [reload, later]) button.type = 'button';
    reload.addEventListener('click', () => {
      reload.disabled = true;
      onReload();
    });
    later.addEventListener('click', () => this.#root.remove());
    this.#root = element('section', 'newer-site', element('p', 'newer-site-words', 'A new version is here.'), reload, later);
    this.#root.setAttribute('aria-label', 'New version');
  }

  show() {
    document.body.append(this.#root);
  }
}
