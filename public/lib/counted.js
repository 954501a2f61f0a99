/** How many there are of something, in words. */

import { formatCount } from './figures.js';

/** @param {number} n @param {string} one @param {string} several @returns {string} such as "1 visitor" */
export const counted = (n, one, several) => `${formatCount(n)} ${n === 1 ? one : several}`;
