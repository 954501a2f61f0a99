import { isSorted } from '../../lib/catalogue.js';
import { element, find, setText } from '../../lib/dom.js';
import { formatPrice, formatRevenue } from '../../lib/money.js';
import { appear, glide } from '../../lib/motion.js';

/** @typedef {import('../../lib/catalogue.js').Item} Item */

/**
 * What became of a purchase: `queued` in this page, `sent` to the relay, `safe` once the relay has it on disk.
 * @typedef {object} Receipt
 * @property {string} visitor who bought
 * @property {'queued' | 'sent' | 'safe' | 'refused'} status
 * @property {number} cents
 * @property {string} [reason] why it was refused
 */

const WORDS = { queued: 'Bought, to be sent', sent: 'Bought, sent', safe: '✓ Bought, safe', refused: 'Not recorded' };

/** The items for sale, in the order they are given. Reports what is bought. */
export class Shelf {
  #list;
  #order;
  #onBuy;
  /** @type {Map<string, Card>} */
  #cards = new Map();
  #shown = '';

  /**
   * @param {HTMLElement} root
   * @param {{onBuy: (item: Item) => void}} handlers
   */
  constructor(root, { onBuy }) {
    this.#list = find(root, '.js-shelf-items', HTMLElement);
    this.#order = find(root, '[data-field="order"]', HTMLElement);
    this.#onBuy = onBuy;
  }

  /**
   * @param {readonly Item[]} items in the order to show them
   * @param {string | undefined} order what they are sorted by; undefined is the shop's own order
   * @param {ReadonlyMap<string, Receipt>} receipts by item id
   */
  update(items, order, receipts) {
    setText(this.#order, isSorted(order) ? `sorted by ${order}` : 'in our own order');
    this.#arrange(items);
    for (const [id, card] of this.#cards) card.update(receipts.get(id));
  }

  /**
   * Pictures glide to their new places; names, prices and buttons are there at once.
   * @param {readonly Item[]} items
   */
  #arrange(items) {
    const wanted = items.map((item) => item.id).join(' ');
    if (wanted === this.#shown) return;
    const cards = items.map((item) => this.#card(item));
    const place = () => this.#list.replaceChildren(...cards.map((card) => card.root));
    // Moving an element takes the focus from whatever in it had it, so it is given back.
    const focused = document.activeElement;
    if (this.#shown) for (const picture of glide(cards.map((card) => card.picture), place)) appear(besides(picture));
    else place();
    if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus({ preventScroll: true });
    this.#shown = wanted;
  }

  /** @param {Item} item */
  #card(item) {
    const card = this.#cards.get(item.id) ?? new Card(item, () => this.#onBuy(item));
    this.#cards.set(item.id, card);
    return card;
  }
}

/** One item with its price and its button. */
class Card {
  root;
  picture;
  #receipt = element('p', 'item-receipt');

  /**
   * @param {Item} item
   * @param {() => void} onBuy
   */
  constructor(item, onBuy) {
    const name = element('h3', 'item-name', item.name);
    name.id = `item-${item.id}`;
    const buy = element('button', 'button', 'Buy Now');
    buy.type = 'button';
    buy.setAttribute('aria-describedby', name.id);
    buy.addEventListener('click', onBuy);
    this.picture = drawing(item);
    this.root = element('li', 'item-card',
      this.picture,
      name,
      element('p', 'item-note', element('span', 'item-colour', `in ${item.colour}`), ' ',
        element('span', 'item-category', item.category)),
      element('div', 'item-till', element('span', 'item-price', formatPrice(item.price)), buy),
      this.#receipt);
  }

  /** @param {Receipt | undefined} receipt */
  update(receipt) {
    this.#receipt.dataset.status = receipt?.status ?? '';
    setText(this.#receipt, receipt ? inWords(receipt) : '');
  }
}

/** @param {HTMLElement} picture */
function besides(picture) {
  return [...(picture.parentElement?.children ?? [])].filter((part) => part !== picture);
}

/** @param {Receipt} receipt */
function inWords({ status, cents, reason = '' }) {
  return `${WORDS[status]} · ${status === 'refused' ? reason : formatRevenue(cents)}`;
}

/** @param {Item} item its name stands beside the picture, which therefore needs no text of its own */
function drawing(item) {
  const image = element('img', 'item-art');
  image.src = item.image;
  image.alt = '';
  image.width = 400;
  image.height = 320;
  return image;
}
