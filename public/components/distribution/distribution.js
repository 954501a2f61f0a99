import { element, shape } from '../../lib/dom.js';
import { formatCount, formatRate } from '../../lib/figures.js';

/** @typedef {import('../../lib/results.js').Experiment} Experiment */

/**
 * How many visitors each variation got, beside how many it should have. The bars say nothing that the words do not.
 * @param {Experiment} experiment
 * @returns {HTMLElement}
 */
export function renderDistribution({ reach, x_variations: order, x_health: { srm } }) {
  const observed = sum(srm.observed);
  const expected = sum(srm.expected);
  const known = order.filter((id) => id in srm.observed);
  return element('ul', 'distribution', ...known.map((id, i) => {
    const [is, should] = [srm.observed[id] / observed, srm.expected[id] / expected];
    const words = `${formatCount(srm.observed[id])} visitors, ${formatRate(is)}`;
    const row = element('li', 'distribution-row', element('span', 'distribution-name', reach.variations[id]?.name ?? id), draw(is, should),
      element('span', 'distribution-words', words), element('span', 'distribution-expected', `expected ${formatRate(should)}`));
    row.dataset.colour = String(i % 3 + 1);
    return row;
  }));
}

/** @param {Record<string, number>} counts */
const sum = (counts) => Object.values(counts).reduce((all, count) => all + count, 0) || 1;

/** @param {number} observed @param {number} expected shares */
function draw(observed, expected) {
  const at = `${expected * 100}%`;
  return shape('svg', { class: 'distribution-bar', width: '100%', height: '20', 'aria-hidden': 'true' },
    shape('rect', { class: 'distribution-all', width: '100%', height: '12', y: '4', rx: '2' }),
    shape('rect', { class: 'distribution-observed', width: `${observed * 100}%`, height: '12', y: '4', rx: '2' }),
    shape('line', { class: 'distribution-mark', x1: at, x2: at, y1: '0', y2: '20' }),
  );
}
