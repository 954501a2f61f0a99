/**
 * Puts the theme that the visitor chose into force before anything is painted. A classic script, since a module would come after
 * the first frame; lib/theme.js does the rest. A browser that comes to it reads no further until it has run, and with a policy in the page
 * does not look ahead either: so pages name it last in their heads, and preload it.
 */
try {
  const chosen = localStorage.getItem('sortition.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is denied: the system's theme it is.
}
