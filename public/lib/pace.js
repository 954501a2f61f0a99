/** How long a call takes that is too short for the clock. */

const ROUND = 50;
/** A batch lasts at least so many steps of the clock, so that it is wrong by a tenth at most. */
const STEPS = 10;
/** A clock may have finer steps than what disturbs it. */
const SHORTEST_BATCH_MS = 0.5;

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

/**
 * How many calls make the smallest batch that this browser's clock can time.
 * @param {() => unknown} call
 */
export function batchSizeOf(call) {
  const least = Math.max(STEPS * clockStep(), SHORTEST_BATCH_MS);
  let size = 1;
  while (batchMs(call, size) < least) size *= 2;
  return size;
}

/**
 * @param {() => unknown} call
 * @param {number} size calls in a batch
 * @param {number} milliseconds about how long to go on
 * @returns {number[]} microseconds of a call in each batch, on average
 */
export function batchesOf(call, size, milliseconds) {
  const batches = [];
  const end = performance.now() + milliseconds;
  do batches.push(batchMs(call, size) * 1000 / size); while (performance.now() < end);
  return batches;
}

/**
 * @param {readonly number[]} values at least one
 * @param {number} share 0 to 1
 * @returns {number} the least of the values that so large a share of them does not exceed
 */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** @param {() => unknown} call @param {number} size */
function batchMs(call, size) {
  const start = performance.now();
  for (let i = 0; i < size; i++) call();
  return performance.now() - start;
}

/** Milliseconds between two readings of the clock that differ: browsers make it coarse on purpose, each in its own way. */
function clockStep() {
  const start = performance.now();
  let next = start;
  while (next === start) next = performance.now();
  return next - start;
}
