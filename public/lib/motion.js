/** Movement for those who like it. What moves is where it belongs from the first moment, so it can be used at once. */

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const TIMING = { duration: 480, easing: 'cubic-bezier(0.3, 0.7, 0.1, 1)' };

/**
 * Makes a change at once, and lets elements that it moved glide from their old place to their new one. (A view transition
 * would be shorter to write, but what takes part in one cannot be clicked while it runs.)
 * @param {readonly HTMLElement[]} elements
 * @param {() => void} change
 * @returns {HTMLElement[]} those that move; none when motion is unwelcome or unseen
 */
export function glide(elements, change) {
  if (calm.matches || document.hidden) {
    change();
    return [];
  }
  const before = elements.map((element) => element.getBoundingClientRect());
  change();
  return elements.filter((element, i) => {
    for (const earlier of element.getAnimations()) earlier.cancel();
    const after = element.getBoundingClientRect();
    const [x, y] = [before[i].x - after.x, before[i].y - after.y];
    if (x !== 0 || y !== 0) element.animate({ translate: [`${x}px ${y}px`, '0 0'] }, TIMING);
    return x !== 0 || y !== 0;
  });
}

/**
 * Lets elements appear where they are.
 * @param {Iterable<Element>} elements
 */
export function appear(elements) {
  for (const element of elements) element.animate({ opacity: [0, 1] }, TIMING);
}
