/** What the store's tour tells, in a minute. Run only when somebody takes it. */

import { Tour } from '../components/tour/tour.js';
import { find } from '../lib/dom.js';

/** @type {import('../components/tour/tour.js').Step[]} */
const STEPS = [
  { title: 'Somebody looks', target: '.js-visitor-box',
    words: 'Type any name or id and press Enter. This browser decides which variation they see: the same id gets the same one, always.' },
  { title: 'The shelf follows', target: '.shelf-head',
    words: 'The variation sorts the shelf: by price or by category. Try several names, and see it change for some of them.' },
  { title: 'Buying counts', target: '.js-shelf-items > :first-child',
    words: 'Buy Now sends one conversion. It is kept until it is safe with the relay, and counted for the variation in the',
    link: { href: 'results.html', text: 'live results' } },
  { title: 'Change it while it runs', target: '.js-allocation',
    words: 'Change the experiment’s traffic, here or at its source, and every open page follows without a reload. What each change moved is told in the',
    link: { href: 'console.html#datafile', text: 'console' } },
  { title: 'In your own page', target: '.connection-chip',
    words: 'One import and a relay’s address: your page decides by itself and stays as live as this one. How is told by the',
    link: { href: 'sdk/README.md', text: 'SDK’s guide' } },
];

/** @param {{onEnd: () => void}} handlers */
export function startTour(handlers) {
  new Tour(STEPS, handlers).start(find(document, '.js-tour', HTMLButtonElement));
}
