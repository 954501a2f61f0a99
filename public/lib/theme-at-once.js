/**
 * Puts the theme that the visitor chose into force before anything is painted. A classic script, since a module would come after
 * the first frame; lib/theme.js does the rest.
 */
try {
  const chosen = localStorage.getItem('sortition.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is denied: the system's theme it is.
}
