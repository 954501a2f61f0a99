import { LateCode } from '../lib/late_code.js';

/** @typedef {typeof import('./index.js')} RelayCode */

/** @type {LateCode<RelayCode>} */
export const relayCode = /* @__PURE__ */ new LateCode('the relay', () => import('./index.js'));
