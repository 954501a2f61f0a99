/** Whether the relay's own engine decides as the one in this page. */

/**
 * @typedef {object} Agreement
 * @property {number} asked visitors
 * @property {string[]} differing such as "Maud-4821: price here, category there"
 */

/** Questions that are under way at the same time. */
const AT_ONCE = 6;
const NOBODYS = 'no variation';

/**
 * Asks the relay for an experiment's variation of each visitor, which neither tells anyone of it.
 * @param {string[]} visitors
 * @param {(visitor: string) => string | null} here the variation's key by this page's engine
 * @param {(visitor: string) => Promise<string | null>} there the same by the relay's
 * @returns {Promise<Agreement>} rejects with the first question that was not answered
 */
export async function agreementOn(visitors, here, there) {
  /** @type {string[]} */
  const differing = [];
  const waiting = [...visitors];
  const ask = async (/** @type {string} */ visitor) => {
    const [ours, theirs] = [here(visitor), await there(visitor)];
    if (ours !== theirs) differing.push(`${visitor}: ${ours ?? NOBODYS} here, ${theirs ?? NOBODYS} there`);
  };
  const askOn = async () => {
    for (let visitor = waiting.shift(); visitor !== undefined; visitor = waiting.shift()) await ask(visitor);
  };
  await ask(waiting.shift() ?? ''); // a relay that does not answer is asked once
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  return { asked: visitors.length, differing };
}

/**
 * @param {string} url of the relay's /v1/activate
 * @param {string} sdkKey
 * @returns {(visitor: string, attributes?: import('./attributes.js').Attributes) => Promise<string | null>} rejects with a sentence
 */
export function relayDecision(url, sdkKey) {
  return async (visitor, attributes = {}) => {
    const response = await fetch(url, {
      method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Optimizely-SDK-Key': sdkKey }, body: JSON.stringify({ userId: visitor, userAttributes: attributes }),
    }).catch(() => {
      throw new Error('The relay cannot be reached.');
    });
    if (response.status === 404 || response.status === 405) throw new Error('This relay does not decide for its clients.');
    if (!response.ok) throw new Error(`The relay answered with status ${response.status}.`);
    const [activated] = await response.json();
    return activated?.variationKey || null;
  };
}
