import { element } from '../../lib/dom.js';
import { formatRevenue } from '../../lib/money.js';

/** @typedef {import('../../lib/results.js').Table} Table */
/** @typedef {import('../../lib/results.js').Row} Row */

const count = new Intl.NumberFormat('en-US');
const percent = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Columns after the first; `note` stands small under the figure, `bar` is a share of the widest. */
const COLUMNS = [
  {
    title: 'Visitors',
    text: (/** @type {Row} */ row) => count.format(row.visitors),
    note: (/** @type {Row} */ row, /** @type {Table} */ { total }) => (
      row === total || row.visitors === 0 ? '' : `${percent.format(row.visitors / total.visitors)} of all`),
  },
  {
    title: 'Unique conversions',
    text: (/** @type {Row} */ row) => count.format(row.conversions),
  },
  {
    title: 'Conversion rate',
    text: (/** @type {Row} */ row) => (row.visitors === 0 ? '–' : percent.format(row.rate)),
    note: (/** @type {Row} */ row) => (
      row.visitors === 0 ? 'no visitors yet' : `${count.format(row.conversions)} of ${count.format(row.visitors)}`),
    bar: (/** @type {Row} */ row, /** @type {Table} */ table) => row.rate / Math.max(...table.rows.map((each) => each.rate), 1e-9),
  },
  {
    title: 'Total revenue',
    text: (/** @type {Row} */ row) => formatRevenue(row.revenue ?? 0),
    shown: (/** @type {Table} */ { total }) => total.revenue !== undefined,
  },
];

/** What may be wrong with the counts, each with the words for it. */
const HEALTH = /** @type {const} */ ([
  ['duplicates', 'Events that came twice, counted once'],
  ['unattributed', 'Conversions of visitors without a variation'],
  ['crossovers', 'Visitors who saw more than one variation'],
]);

/**
 * One experiment's counts, and what one should know about them.
 * @param {Table} table
 * @returns {HTMLElement}
 */
export function renderResults(table) {
  return element('section', 'results-experiment', renderTable(table), renderHealth(table));
}

/**
 * The table's roles are spelled out, because on a phone its rows are laid out as cards, and a table that is not laid out as
 * one loses them in some browsers.
 * @param {Table} table
 */
function renderTable(table) {
  const columns = COLUMNS.filter(({ shown }) => !shown || shown(table));
  const caption = element('caption', 'results-caption', element('span', 'results-title', table.experiment),
    ' by ', element('code', '', table.event));
  const head = element('thead', '', row(['Variation', ...columns.map(({ title }) => title)].map((title) => header('col', title))));
  const body = element('tbody', '', ...table.rows.map((each) => renderRow(each, table, columns)));
  const foot = element('tfoot', '', renderRow(table.total, table, columns));
  const made = element('table', 'results-table', caption, head, body, foot);
  made.role = 'table';
  for (const group of [head, body, foot]) group.role = 'rowgroup';
  return made;
}

/** @param {Table} table */
function renderHealth({ health }) {
  return element('dl', 'results-health', ...HEALTH.map(([name, words]) => element('div', '',
    element('dt', '', words), element('dd', 'figure', count.format(health[name])))));
}

/**
 * @param {Row} counts
 * @param {Table} table
 * @param {typeof COLUMNS} columns
 */
function renderRow(counts, table, columns) {
  const title = header('row', counts.variation);
  if (counts.baseline) title.append(element('span', 'results-note', 'baseline'));
  return row([title, ...columns.map((column) => cell(column, counts, table))]);
}

/**
 * @param {typeof COLUMNS[number]} column
 * @param {Row} counts
 * @param {Table} table
 */
function cell({ title, text, note, bar }, counts, table) {
  const made = element('td', 'results-cell', element('span', 'results-figure', text(counts)));
  made.role = 'cell';
  made.dataset.title = title;
  const small = note?.(counts, table);
  if (small) made.append(element('span', 'results-note', small));
  if (bar && counts !== table.total) made.append(renderBar(bar(counts, table)));
  return made;
}

/** @param {number} share 0 to 1 */
function renderBar(share) {
  const bar = element('span', 'results-bar');
  bar.style.setProperty('--share', String(Math.min(1, share)));
  return bar;
}

/** @param {HTMLElement[]} cells */
function row(cells) {
  const made = element('tr', 'results-row', ...cells);
  made.role = 'row';
  return made;
}

/**
 * @param {'row' | 'col'} scope
 * @param {string} text
 */
function header(scope, text) {
  const made = element('th', '', text);
  made.scope = scope;
  made.role = scope === 'row' ? 'rowheader' : 'columnheader';
  return made;
}
