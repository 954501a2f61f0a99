import { chooseTheme, currentTheme, onThemeChange, themeAfter } from '../../lib/theme.js';

/** A button that goes from the system's theme to light, to dark, and round again. */
export class ThemeSwitch {
  #root;

  /** @param {HTMLButtonElement} root its picture follows by style alone */
  constructor(root) {
    this.#root = root;
    root.addEventListener('click', () => chooseTheme(themeAfter(currentTheme())));
    onThemeChange(() => this.#update());
    this.#update();
  }

  #update() {
    const name = `Theme: ${currentTheme()}`;
    this.#root.setAttribute('aria-label', name);
    this.#root.title = name;
  }
}
