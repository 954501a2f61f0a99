/**
 * Gives the page a language where the browser's is none: WebKit on Linux says "C" where the system does. Imported ahead of a
 * library that has Intl read it while it loads, which would be the end of the page.
 */

try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
