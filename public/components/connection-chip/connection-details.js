import { element, setText } from '../../lib/dom.js';
import { formatAge } from '../../lib/age.js';
import { lacksDatafile } from '../../lib/complaint.js';
import { recall, remember } from '../../lib/memory.js';

/** @typedef {import('./connection-chip.js').Link} Link */

/** When the relay last said what is the newest, kept for visits that it cannot be asked on. */
const CONFIRMED = 'confirmed';

const MEANING = {
  connecting: 'The relay is being asked for the newest.',
  live: 'A line to the relay stands: every change arrives at once.',
  reconnecting: 'The line to the relay is lost, and is tried again.',
  polling: 'No line to the relay stands: it is asked again and again.',
  offline: 'The relay cannot be reached: the page goes on with what it has.',
  idle: 'This page asks no relay: it lacks something, and says what.',
  unknown: 'The relay is there, but does not know this project, or wants another token.',
  waiting: 'The relay is there, but has no datafile yet: the page follows as soon as one comes.',
};

/** What the chip's words mean, which datafile is meant, how old that may be and how far away the relay is. */
export class ConnectionDetails {
  #root = element('div', 'connection-details');
  #meaning = element('p', '');
  #facts = element('dl', 'connection-facts');
  /** @type {Link} */
  #link = { status: 'connecting' };

  /** @param {HTMLButtonElement} opener that shows and hides them */
  constructor(opener) {
    this.#root.append(this.#meaning, this.#facts);
    this.#root.popover = 'auto';
    this.#root.addEventListener('beforetoggle', () => this.#render()); // an age grows by itself
    opener.popoverTargetElement = this.#root;
    opener.after(this.#root);
    addEventListener('pagehide', () => this.#confirm());
  }

  /** @param {Link} link */
  update(link) {
    if (link === this.#link) return;
    this.#confirm(); // what was live was so until now
    this.#link = link;
    this.#confirm();
    this.#render();
  }

  get #isFresh() {
    return this.#link.status === 'live' || this.#link.status === 'polling';
  }

  #confirm() {
    if (this.#isFresh) remember(CONFIRMED, String(Date.now()));
  }

  #render() {
    const { status, fault, revision, hash, roundTripMs } = this.#link;
    const confirmed = Number(recall(CONFIRMED));
    const facts = [
      ['Revision', revision],
      ['Datafile', hash],
      ['Confirmed', revision && !this.#isFresh && confirmed && formatAge(Date.now() - confirmed)],
      ['Round trip', roundTripMs !== undefined && `${roundTripMs < 1 ? 'below 1' : Math.round(roundTripMs)} ms`],
    ];
    setText(this.#meaning, MEANING[fault === 'page' ? 'idle' : fault === 'key' ? 'unknown' : lacksDatafile(this.#link) ? 'waiting' : status]);
    this.#facts.replaceChildren(...facts.flatMap(([name, value]) => (
      value ? [element('dt', '', String(name)), element('dd', 'figure', String(value))] : [])));
  }
}
