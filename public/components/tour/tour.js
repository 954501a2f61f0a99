import { element, setText } from '../../lib/dom.js';

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string} words a sentence or two
 * @property {string} target selector of the part of the page that is spoken of
 * @property {{href: string, text: string}} [link] that ends the last sentence
 */

/** Speaks of one part of the page after the other, beside the page, which stays in use. Escape ends it wherever the focus is. */
export class Tour {
  #steps;
  #onEnd;
  #at = 0;
  /** @type {Element | null} */
  #target = null;
  #count = element('p', 'tour-count eyebrow');
  #title = element('h2', 'tour-title');
  #words = element('p', 'tour-words');
  #back = button('Back', 'button button--quiet', () => this.#show(this.#at - 1));
  #next = button('Next', 'button', () => this.#show(this.#at + 1));
  #root;
  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (event.key === 'Escape') this.#end();
  };
  #width = 0;
  /** Only for another width: a phone's window gets another height by being scrolled, away from the target as one likes. */
  #onResize = () => {
    if (innerWidth === this.#width) return;
    this.#width = innerWidth;
    this.#scroll('instant');
  };

  /**
   * @param {Step[]} steps
   * @param {{onEnd: () => void}} handlers
   */
  constructor(steps, { onEnd }) {
    this.#steps = steps;
    this.#onEnd = onEnd;
    const told = element('div', 'tour-told', this.#count, this.#title, this.#words);
    told.id = 'tour-told';
    told.setAttribute('aria-live', 'polite');
    this.#title.id = 'tour-title';
    const skip = button('Skip', 'tour-skip', () => this.#end());
    this.#root = element('div', 'tour', told, element('div', 'tour-foot', skip, this.#back, this.#next));
    this.#root.popover = 'manual';
    for (const [name, value] of Object.entries({ role: 'dialog', 'aria-labelledby': 'tour-title', 'aria-describedby': 'tour-told' })) {
      this.#root.setAttribute(name, value);
    }
  }

  /** Begins, and takes the focus. @param {Element} place after which the tour comes in the order of the Tab key */
  start(place) {
    place.after(this.#root);
    this.#root.showPopover();
    document.addEventListener('keydown', this.#onKey);
    this.#width = innerWidth;
    addEventListener('resize', this.#onResize);
    this.#show(0);
    this.#next.focus();
  }

  /** @param {number} at step, counted from 0; the one behind the last is the end */
  #show(at) {
    const step = this.#steps[at];
    if (!step) return this.#end();
    this.#at = at;
    setText(this.#count, `Step ${at + 1} of ${this.#steps.length}`);
    setText(this.#title, step.title);
    this.#words.replaceChildren(step.words, ...(step.link ? [' ', link(step.link), '.'] : []));
    setText(this.#next, at + 1 < this.#steps.length ? 'Next' : 'Done');
    this.#back.disabled = at === 0;
    if (this.#back.disabled) this.#next.focus(); // which a disabled button would lose
    this.#mark(document.querySelector(step.target));
  }

  /** @param {Element | null} target */
  #mark(target) {
    this.#target?.classList.remove('tour-target');
    this.#target = target;
    if (!target) return;
    target.classList.add('tour-target');
    this.#scroll(matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth');
  }

  /** To what is spoken of. @param {ScrollBehavior} behavior */
  #scroll(behavior) {
    this.#target?.scrollIntoView({ block: 'start', behavior });
  }

  #end() {
    document.removeEventListener('keydown', this.#onKey);
    removeEventListener('resize', this.#onResize);
    this.#mark(null);
    this.#root.remove();
    this.#onEnd();
  }
}

/**
 * @param {string} text
 * @param {string} className
 * @param {() => void} onClick
 */
function button(text, className, onClick) {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

/** @param {{href: string, text: string}} to */
function link({ href, text }) {
  const made = element('a', '', text);
  made.href = href;
  return made;
}
