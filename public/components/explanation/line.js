import { element, shape } from '../../lib/dom.js';
import { BUCKETS } from '../../lib/datafile.js';
import { formatCount } from '../../lib/figures.js';
import { describePlace, describeRange } from '../../lib/traffic-line.js';

/** @typedef {import('../../lib/traffic-line.js').TrafficLine} TrafficLine */

/** Series have as many colours as this; then they begin anew. */
const COLOURS = 3;

let count = 0;

/**
 * The line from 0 to 9999 with its ranges, and a mark where the visitor is.
 * @param {TrafficLine} line
 * @returns {HTMLElement}
 */
export function renderLine(line) {
  const { ranges, bucket, hash, hashed } = line;
  const colours = colourise(ranges);
  const [visitor, salt] = hashed.map((part) => element('bdi', '', JSON.stringify(part)));
  const made = element('p', 'line-hash figure', 'murmur3(', visitor, ' + ', salt, `) = ${hash}, × 10,000 ÷ 2³² = `, element('b', '', formatCount(bucket)));
  const legend = element('ul', 'line-legend', ...ranges.map((range, i) => {
    const item = element('li', 'line-range', element('span', '', describeRange(range)));
    item.dataset.colour = colours[i];
    item.dataset.holds = String(range.holds);
    return item;
  }));
  return element('div', 'line', made, draw(line, colours), legend);
}

/** Each name has one colour, nobody's is 'none'. @param {TrafficLine['ranges']} ranges */
function colourise(ranges) {
  const names = [...new Set(ranges.map(({ name }) => name).filter(Boolean))];
  return ranges.map(({ name }) => (name ? String(names.indexOf(name) % COLOURS + 1) : 'none'));
}

/** @param {TrafficLine} line @param {string[]} colours */
function draw(line, colours) {
  const id = `line-${count++}`;
  const title = shape('title', { id: `${id}-title` }, describePlace(line));
  const description = shape('desc', { id: `${id}-desc` }, `Of 0 to 9,999: ${line.ranges.map(describeRange).join('; ')}.`);
  const bars = line.ranges.map(({ from, to, holds }, i) => shape('rect', {
    class: 'line-bar', x: percent(from), width: percent(to - from), y: '22', height: '18', 'data-colour': colours[i], 'data-holds': String(holds),
  }));
  const at = percent(line.bucket + 0.5);
  const anchor = line.bucket < BUCKETS * 0.1 ? 'start' : line.bucket > BUCKETS * 0.9 ? 'end' : 'middle';
  const figure = shape('text', { class: 'line-figure', x: at, y: '12', 'text-anchor': anchor }, formatCount(line.bucket));
  const mark = shape('line', { class: 'line-mark', x1: at, x2: at, y1: '17', y2: '45' });
  const labels = { 'aria-labelledby': `${id}-title`, 'aria-describedby': `${id}-desc` };
  return shape('svg', { class: 'line-drawing', width: '100%', height: '48', role: 'img', ...labels }, title, description, ...bars, mark, figure);
}

/** @param {number} bucket */
const percent = (bucket) => `${bucket / BUCKETS * 100}%`;
