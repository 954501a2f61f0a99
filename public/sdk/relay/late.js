import { messageOf } from '../lib/message.js';

/**
 * The code that only pages with a relay need. The first client that has one loads it when it starts; for later ones it is there.
 *
 * @typedef {typeof import('./index.js')} RelayCode
 */

/** @type {RelayCode | undefined} */
let code;

/**
 * @param {(code: RelayCode) => void} use called within this call when the code is there
 * @returns {Promise<void>} settles once it was called; rejects with an error that says what failed
 */
export function withRelayCode(use) {
  if (code) return Promise.resolve(use(code));
  return import('./index.js').then(
    (loaded) => use((code = loaded)),
    (error) => {
      throw new Error(`The SDK's code for the relay could not be loaded: ${messageOf(error)}`, { cause: error });
    },
  );
}
