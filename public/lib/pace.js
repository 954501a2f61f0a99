/** How long a call takes that is too short for the clock. */

const ROUND = 50;

/**
 * Makes a call again and again.
 * @param {() => unknown} call
 * @param {number} milliseconds about how long to go on
 * @returns {number} microseconds of one call
 */
export function microsOf(call, milliseconds) {
  for (let i = 0; i < ROUND; i++) call(); // which the browser may compile meanwhile
  const start = performance.now();
  let calls = 0;
  let took = 0;
  do {
    for (let i = 0; i < ROUND; i++) call();
    calls += ROUND;
    took = performance.now() - start;
  } while (took < milliseconds);
  return took * 1000 / calls;
}
