/** Moves what a change of the document moves, for those who like motion. */

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Applies a change to the document, as a view transition where the browser has them, the page is seen and motion is
 * welcome; at once elsewhere.
 * @param {() => void} change
 */
export function transition(change) {
  if (calm.matches || document.hidden || !document.startViewTransition) return change();
  const running = document.startViewTransition(change);
  // A newer transition cuts this one short: the change itself has been made.
  running.ready.catch(() => {});
}
