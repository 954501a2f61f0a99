import { element, setText, shape } from '../../lib/dom.js';
import { isLoopback } from '../../lib/loopback.js';
import { qrCode } from '../../lib/qr-code.js';

/** Shows an address as a QR code, for a phone to open. Escape closes it, and so does a click beside it. */
export class QrCode {
  #root;
  #drawing = element('div', 'qr-code-drawing');
  #words = element('p', 'qr-code-words');
  #address = '';

  /** @param {HTMLButtonElement} opener that shows and hides it from now on, and after which it comes in the order of the Tab key */
  constructor(opener) {
    const title = element('h2', 'qr-code-title', 'Open on a phone');
    title.id = 'qr-code-title';
    this.#words.id = 'qr-code-words';
    const close = element('button', 'button button--quiet', 'Close');
    close.type = 'button';
    close.autofocus = true;
    this.#root = element('div', 'qr-code', title, this.#drawing, this.#words, close);
    this.#root.popover = 'auto';
    for (const [name, value] of Object.entries({ role: 'dialog', 'aria-labelledby': title.id, 'aria-describedby': this.#words.id })) {
      this.#root.setAttribute(name, value);
    }
    close.addEventListener('click', () => this.#root.hidePopover());
    opener.popoverTargetElement = this.#root;
    opener.after(this.#root);
  }

  show() {
    this.#root.showPopover();
  }

  /** @param {string} address */
  update(address) {
    if (address === this.#address) return;
    this.#address = address;
    const code = qrCode(address);
    this.#drawing.replaceChildren(...(code ? [draw(code)] : []));
    setText(this.#words, code ? adviceOn(new URL(address)) : 'This link is too long for a code that a camera can read. Copy the link instead.');
  }
}

/** @param {import('../../lib/qr-code.js').Drawing} code */
function draw({ size, path }) {
  return shape('svg', { role: 'img', 'aria-label': 'QR code of the link', viewBox: `0 0 ${size} ${size}` },
    shape('rect', { class: 'qr-code-light', width: '100%', height: '100%' }),
    shape('path', { class: 'qr-code-dark', d: path }));
}

/** @param {URL} address */
function adviceOn({ hostname, protocol, port }) {
  if (!isLoopback(hostname)) return 'Scan it with the phone’s camera: the store opens as you see it here.';
  const example = `${protocol}//192.168.1.20${port && `:${port}`}`;
  return `A phone cannot reach ${hostname}: first open this page by this computer’s own address in the network, such as ${example}.`;
}
