import { element, find, setText } from '../../lib/dom.js';

/** @typedef {import('../../lib/event-log.js').Entry} Entry */

const STATUSES = { queued: 'waiting', sent: 'sent', safe: '✓ safe', duplicate: '✓ had it already', refused: '✕ refused', news: '' };
const clock = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/**
 * Lists events, the newest first. While somebody reads, that is, has paused it, scrolled down or has the focus in it, new ones wait
 * behind a button that says how many.
 */
export class EventLogView {
  #list;
  #scroller;
  #fresh;
  #empty;
  #paused;
  #onResend;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Map<string, Row>} by uuid, those that are shown */
  #rows = new Map();

  /**
   * @param {HTMLElement} root
   * @param {{onFilter: (kind: string) => void, onClear: () => void, onResend: (uuid: string) => void}} handlers onFilter: '' for every kind
   */
  constructor(root, { onFilter, onClear, onResend }) {
    this.#scroller = find(root, '[role="log"]', HTMLElement);
    this.#list = find(this.#scroller, 'ol', HTMLOListElement);
    this.#fresh = find(root, '[data-action="show"]', HTMLButtonElement);
    this.#empty = find(root, '[data-field="empty"]', HTMLElement);
    this.#paused = find(root, '[name="paused"]', HTMLInputElement);
    this.#onResend = onResend;
    find(root, '[data-field="kinds"]', HTMLElement).addEventListener('change', (event) => {
      onFilter(/** @type {HTMLInputElement} */ (event.target).value);
      this.#render(false); // of another kind none is new: none was shown
    });
    find(root, '[data-action="clear"]', HTMLButtonElement).addEventListener('click', onClear);
    this.#paused.addEventListener('change', () => this.#render(this.#paused.checked));
    this.#fresh.addEventListener('click', () => this.#showFresh());
  }

  /** @param {Entry[]} entries the newest first */
  update(entries) {
    this.#entries = entries;
    this.#render(this.#isRead);
  }

  get #isRead() {
    return this.#rows.size > 0 && (this.#paused.checked || this.#scroller.scrollTop > 0 || this.#list.contains(document.activeElement));
  }

  #showFresh() {
    this.#scroller.scrollTop = 0;
    this.#scroller.focus({ preventScroll: true });
    this.#render(false);
  }

  /** @param {boolean} isHeld whether what is new waits */
  #render(isHeld) {
    const shown = isHeld ? this.#entries.filter(({ uuid }) => this.#rows.has(uuid)) : this.#entries;
    this.#arrange(shown);
    const waiting = isHeld ? this.#entries.length - shown.length : 0;
    this.#fresh.hidden = waiting === 0;
    setText(this.#fresh, `${waiting} new ${waiting === 1 ? 'event' : 'events'}`);
    this.#empty.hidden = this.#entries.length > 0;
    this.#scroller.hidden = this.#entries.length === 0;
  }

  /** Rows stay the elements they are, so that what is opened stays open. @param {Entry[]} entries */
  #arrange(entries) {
    const wanted = new Set(entries.map(({ uuid }) => uuid));
    for (const [uuid, { root }] of this.#rows) {
      if (wanted.has(uuid)) continue;
      root.remove();
      this.#rows.delete(uuid);
    }
    /** @type {Element | null} */
    let next = null;
    for (const entry of entries.toReversed()) {
      const row = this.#rows.get(entry.uuid) ?? new Row(entry, () => this.#onResend(entry.uuid));
      this.#rows.set(entry.uuid, row);
      row.update(entry);
      if (row.root.parentElement !== this.#list || row.root.nextElementSibling !== next) this.#list.insertBefore(row.root, next);
      next = row.root;
    }
  }
}

/** One event. */
class Row {
  root;
  #details = element('details', 'logged');
  #words = element('span', 'logged-words');
  #status = element('span', 'logged-status');
  #more = element('div', 'logged-more');
  #told = '';
  #onResend;
  /** @type {Entry} */
  #entry;

  /** @param {Entry} entry @param {() => void} onResend */
  constructor(entry, onResend) {
    this.#entry = entry;
    this.#onResend = onResend;
    const { time, page, kind } = entry;
    const from = [page, kind].filter(Boolean).join(', ');
    const summary = element('summary', 'logged-summary', element('span', 'logged-time', clock.format(time)), element('span', 'logged-kind', from), this.#words, this.#status);
    this.#details.append(summary, this.#more);
    this.#details.addEventListener('toggle', () => this.#fill());
    this.root = element('li', '', this.#details);
  }

  /** @param {Entry} entry */
  update(entry) {
    this.#entry = entry;
    const told = [entry.status, entry.error, entry.words].join();
    if (told === this.#told) return;
    this.#told = told;
    this.#details.dataset.status = entry.status;
    setText(this.#words, entry.words || '…');
    setText(this.#status, STATUSES[entry.status] + (entry.error && entry.status === 'queued' ? ', to be tried again' : ''));
    this.#fill();
  }

  /** What is closed is not made. */
  #fill() {
    if (!this.#details.open) return this.#more.replaceChildren();
    const { error, payload, page, status } = this.#entry;
    /** @type {HTMLElement[]} */
    const parts = error ? [element('p', 'logged-error', error)] : [];
    if (payload) {
      const code = element('pre', 'logged-payload', element('code', '', JSON.stringify(payload, null, 2)));
      code.tabIndex = 0;
      code.setAttribute('role', 'group');
      code.setAttribute('aria-label', 'The event as it was sent');
      parts.push(code);
    }
    if (payload && page === 'console' && status !== 'queued' && status !== 'sent') {
      const again = Object.assign(element('button', 'button button--quiet', 'Send it again'), { type: 'button' });
      again.addEventListener('click', this.#onResend);
      parts.push(again);
    }
    this.#more.replaceChildren(...parts.length ? parts : [element('p', 'logged-none', 'There is no more to it.')]);
  }
}
