/**
 * The colours of the page: the system's, unless the visitor chose others. The root's data-theme says so, and color-scheme follows
 * (styles/tokens.css).
 */

import { recall, remember } from './memory.js';

/** @typedef {'system' | 'light' | 'dark'} Theme */

/** @type {readonly Theme[]} in the order in which a switch goes through them */
const THEMES = ['system', 'light', 'dark'];

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** @returns {Theme} that is in force */
export function currentTheme() {
  return themeFrom(document.documentElement.dataset.theme);
}

/** @returns {boolean} whether the page is dark, by the visitor's choice or the system's */
export function isDark() {
  const theme = currentTheme();
  return theme === 'system' ? systemIsDark.matches : theme === 'dark';
}

/** @param {() => void} listener called when the page turns dark or light, or may have */
export function onThemeChange(listener) {
  systemIsDark.addEventListener('change', listener);
  new MutationObserver(listener).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}

/** Chooses a theme, here and on every page of this browser. @param {Theme} theme */
export function chooseTheme(theme) {
  remember('theme', theme);
  apply(theme);
}

/** Follows what the visitor chooses on another page. */
export function followTheme() {
  addEventListener('storage', ({ key }) => {
    if (key === null || key.endsWith('.theme')) apply(themeFrom(recall('theme')));
  });
}

/** @param {Theme} theme @returns {Theme} the next one */
export function themeAfter(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}

/** @param {string | undefined} text @returns {Theme} */
function themeFrom(text) {
  return THEMES.find((theme) => theme === text) ?? 'system';
}

/** @param {Theme} theme */
function apply(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
