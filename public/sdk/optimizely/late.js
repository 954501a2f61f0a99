import { LateCode } from '../lib/late_code.js';

/** @typedef {typeof import('./index.js')} OptimizelyCode */

/** @type {LateCode<OptimizelyCode>} */
export const optimizelyCode = /* @__PURE__ */ new LateCode('polling and batches', () => import('./index.js'));
