import '../../lib/language.js';
import uPlot from '../../lib/vendor/uplot/uPlot.js';
import { COURSE_COLUMNS, courseOf, courseRows, momentOf, timeLabels } from '../../lib/course.js';
import { element, find, setText } from '../../lib/dom.js';
import { shownMetrics, titleOf } from '../../lib/results.js';
import { isDark, onThemeChange } from '../../lib/theme.js';

/** @typedef {import('../../lib/results.js').Experiment} Experiment */
/** @typedef {import('../../lib/results.js').Metric} Metric */
/** @typedef {import('../../lib/course.js').Course} Course */
/** @typedef {import('../../lib/course.js').View} View */

const HEIGHT = 320;
/** About a sheet's width: what is drawn for paper is stretched to it, and its words with it. */
const SHEET = 680;
const MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, MONTH = 30 * DAY, YEAR = 365 * DAY; // uPlot's own, in seconds
/** How far the labels of the time may lie apart: near enough to each other that a narrow chart, too, has two of them. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 3, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * HOUR),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15].map((n) => n * DAY),
  ...[1, 2, 3, 4, 6].map((n) => n * MONTH),
  ...[1, 2, 5, 10, 25, 50, 100].map((n) => n * YEAR),
];
/** No label of the time comes nearer to the next, in pixels: half a date and half a time of day fit between. */
const TIME_SPACE = 80;
/** The last one stands at the chart's end, in pixels: half of the widest reaches beyond it. */
const HALF_A_TIME = 42;
/** The values' axis: its width at least, so that the drawing keeps its place, and that of ticks and the gap beside them. */
const AXIS = 72, BESIDE_LABELS = 15;
const TITLES = { improvement: 'Improvement', rate: 'Value per visitor', significance: 'Significance' };
/** Lines differ in dash as well as in colour: twelve of them look each like no other. */
const DASHES = [[], [7, 4], [2, 4], [10, 3, 2, 3]];
const COLOURS = ['series-1', 'series-2', 'series-3'];
const clock = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'medium' });

/** The course of one metric, drawn; and the same as a table, and as a sentence for any moment. */
export class ResultsChart {
  #root;
  #drawing;
  #select;
  #legend;
  #table;
  #moment;
  #output;
  /** @type {uPlot | undefined} */
  #plot;
  /** @type {string} what the drawing is made for: only its data change without a new one */
  #made = '';
  /** @type {Experiment | undefined} */
  #experiment;
  /** @type {Course | undefined} */
  #course;
  #onPaper = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#drawing = find(root, '[data-field="drawing"]', HTMLElement);
    this.#select = find(root, '[data-field="metric"]', HTMLSelectElement);
    this.#legend = find(root, '[data-field="legend"]', HTMLElement);
    this.#table = find(root, '[data-field="table"]', HTMLDetailsElement);
    this.#moment = find(root, '[data-field="moment"]', HTMLInputElement);
    this.#output = find(root, '[data-field="told"]', HTMLOutputElement);
    root.addEventListener('change', () => {
      this.#draw();
      this.#tabulate();
    });
    this.#table.addEventListener('toggle', () => this.#tabulate());
    this.#moment.addEventListener('input', () => this.#tell());
    onThemeChange(() => this.#draw());
    for (const turn of ['beforeprint', 'afterprint']) addEventListener(turn, () => this.#turn(turn === 'beforeprint'));
    new ResizeObserver(() => this.#fit()).observe(this.#drawing);
  }

  /** @param {Experiment | undefined} experiment with timeseries */
  update(experiment) {
    this.#experiment = experiment;
    this.#root.hidden = !experiment || experiment.reach.total_count === 0;
    if (this.#root.hidden || !experiment) return;
    this.#offer(shownMetrics(experiment));
    this.#draw();
    this.#tabulate();
  }

  /** @param {Metric[]} metrics */
  #offer(metrics) {
    const titles = metrics.map(titleOf);
    if ([...this.#select.options].map(({ text }) => text).join('\n') === titles.join('\n')) return;
    const chosen = this.#select.value;
    this.#select.replaceChildren(...titles.map((title) => element('option', '', title)));
    if (titles.includes(chosen)) this.#select.value = chosen;
  }

  get #metric() {
    return this.#experiment && shownMetrics(this.#experiment).find((metric) => titleOf(metric) === this.#select.value);
  }

  get #view() {
    return /** @type {View} */ (find(this.#root, 'input[type="radio"]:checked', HTMLInputElement).value);
  }

  #draw() {
    const metric = this.#metric;
    if (!this.#experiment || !metric) return;
    const course = this.#course = courseOf(this.#experiment, metric, this.#view);
    this.#root.dataset.empty = course.lines.length === 0 ? 'alone' : String(course.lines.every(({ values }) => values.every((value) => value === null)));
    const make = JSON.stringify([this.#view, course.lines.map(({ name }) => name), isDark(), this.#onPaper, this.#select.value]);
    if (make !== this.#made || !this.#plot) {
      this.#made = make;
      this.#legend.replaceChildren(...course.lines.map(({ name }, i) => keyOf(name, i)));
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(), dataOf(course), this.#drawing);
    } else {
      this.#plot.setData(dataOf(course));
    }
    this.#moment.max = String(Math.max(0, course.times.length - 1));
    this.#describe(titleOf(metric), course);
    this.#tell();
  }

  /** @param {string} title @param {Course} course */
  #describe(title, course) {
    const latest = course.times.length > 0 ? `Latest: ${momentOf(course, course.times.length - 1)}.` : 'Nothing yet.';
    this.#drawing.ariaLabel = `${TITLES[this.#view]} over time, ${title}. ${latest}`;
  }

  /** A canvas knows nothing of paper, and is drawn anew for it. @param {boolean} onPaper */
  #turn(onPaper) {
    this.#onPaper = onPaper;
    this.#draw();
  }

  get #width() {
    return this.#onPaper ? SHEET : this.#drawing.clientWidth;
  }

  #fit() {
    const width = this.#width;
    if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
  }

  /** Tells of the moment the slider stands at; at its end, of the latest. */
  #tell() {
    const course = this.#course;
    if (!course || course.times.length === 0) return setText(this.#output, '');
    const at = Math.min(Number(this.#moment.value), course.times.length - 1);
    this.#say(course, at);
    this.#plot?.setCursor({ left: this.#plot.valToPos(course.times[at], 'x'), top: 0 }, false);
  }

  /** The slider says it to those who move it; the words beside it are silent, or they would be heard with every visitor. @param {Course} course @param {number} at index */
  #say(course, at) {
    const words = `${clock.format(course.times[at] * 1000)}: ${momentOf(course, at)}`;
    this.#moment.ariaValueText = words;
    setText(this.#output, words);
  }

  #tabulate() {
    const metric = this.#metric;
    if (!this.#table.open || !this.#experiment || !metric) return;
    const rows = courseRows(this.#experiment, metric, (time) => clock.format(new Date(time)));
    const head = element('tr', '', ...COURSE_COLUMNS.map((title) => {
      const made = element('th', '', title);
      made.scope = 'col';
      return made;
    }));
    const body = rows.map((row) => element('tr', '', ...row.map((text) => element('td', '', text))));
    const caption = element('caption', 'visually-hidden', `The course of ${titleOf(metric)}`);
    const table = element('table', 'chart-table', caption, element('thead', '', head), element('tbody', '', ...body));
    find(this.#table, '[data-field="rows"]', HTMLElement).replaceChildren(table);
  }

  /** @returns {uPlot.Options} */
  #options() {
    const colour = coloursOf(this.#root, this.#onPaper);
    const course = () => /** @type {Course} */ (this.#course);
    const axis = { stroke: colour.subtle, grid: { stroke: colour.line, width: 1 }, ticks: { stroke: colour.line, width: 1 }, font: colour.font };
    const lines = course().lines;
    return {
      width: this.#width || 600,
      height: HEIGHT,
      padding: [null, HALF_A_TIME, null, null],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { range: (_, from, to) => wholeSeconds(from, to) }, y: { range: () => course().range } },
      axes: [{ ...axis, incrs: TIME_STEPS, space: TIME_SPACE, values: (_, splits, axisIndex, space, step) => timeLabels(splits, step) }, { ...axis, size: (plot, labels) => axisSize(plot, labels, colour.font), values: (_, splits) => splits.map((value) => course().rough(value)) }],
      series: [{}, ...lines.flatMap(({ low }, i) => seriesOf(colour.lines[i % COLOURS.length], DASHES[i % DASHES.length], low !== undefined))],
      bands: lines.flatMap(({ low }, i) => (low ? [{ series: /** @type {[number, number]} */ ([3 * i + 2, 3 * i + 3]), fill: fade(colour.lines[i % COLOURS.length]) }] : [])),
      hooks: {
        draw: [(plot) => drawMarks(plot, course(), colour)],
        setCursor: [(plot) => this.#follow(plot)],
      },
    };
  }

  /** The pointer moves the slider. @param {uPlot} plot */
  #follow(plot) {
    const at = plot.cursor.idx;
    if (typeof at !== 'number' || !this.#course || String(at) === this.#moment.value) return;
    this.#moment.value = String(at);
    this.#say(this.#course, at);
  }
}

/**
 * Times have labels at whole seconds alone, and visitors are simulated in less: the chart reaches from one to another.
 * @param {number | null} from null when there is nothing to draw
 * @param {number | null} to
 * @returns {[number | null, number | null]}
 */
function wholeSeconds(from, to) {
  if (from === null || to === null) return [null, null];
  return [Math.floor(from), Math.max(Math.ceil(to), Math.floor(from) + 1)];
}

/** Large amounts have long labels. @param {uPlot} plot @param {string[] | null} labels @param {string} font */
function axisSize({ ctx }, labels, font) {
  ctx.save();
  ctx.font = font;
  const widths = (labels ?? []).map((label) => BESIDE_LABELS + ctx.measureText(label).width);
  ctx.restore();
  return Math.ceil(Math.max(AXIS, ...widths));
}

/** A line of the legend. @param {string} name @param {number} i */
function keyOf(name, i) {
  const key = element('li', 'chart-key', name);
  key.dataset.colour = String(i % COLOURS.length);
  key.dataset.dash = String(i % DASHES.length);
  return key;
}

/** @param {Course} course @returns {uPlot.AlignedData} */
function dataOf({ times, lines }) {
  return [times, ...lines.flatMap(({ values, low, high }) => (low && high ? [values, high, low] : [values]))];
}

/**
 * @param {string} stroke
 * @param {number[]} dash
 * @param {boolean} banded
 * @returns {uPlot.Series[]}
 */
function seriesOf(stroke, dash, banded) {
  const points = { show: false };
  const edge = { stroke, width: 1, points };
  return [{ stroke, dash, width: 2.5, points }, ...(banded ? [edge, edge] : [])];
}

/**
 * The line of no difference, and where something changed.
 * @param {uPlot} plot
 * @param {Course} course
 * @param {Colours} colour
 */
function drawMarks(plot, { marks, range }, colour) {
  const { ctx, bbox: { left, top, width, height } } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${12 * devicePixelRatio}px sans-serif`;
  const line = (/** @type {number[]} */ dash, /** @type {[number, number, number, number]} */ [x1, y1, x2, y2]) => {
    ctx.beginPath();
    ctx.setLineDash(dash);
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    ctx.stroke();
  };
  if (range[0] < 0) {
    const y = plot.valToPos(0, 'y', true);
    line([], [left, y, left + width, y]);
  }
  let free = -Infinity; // words that would stand on others are left out; the table and the health line tell more
  for (const { at, words } of [...marks].sort((a, b) => a.at - b.at)) {
    const x = plot.valToPos(at, 'x', true);
    line([4, 4], [x, top, x, top + height]);
    const right = x > left + width * 0.8;
    const [from, to] = right ? [x - 6 - ctx.measureText(words).width, x] : [x, x + 12 + ctx.measureText(words).width];
    if (from < free) continue;
    free = to;
    ctx.textAlign = right ? 'right' : 'left';
    ctx.fillText(words, x + (right ? -6 : 6), top + 14 * devicePixelRatio);
  }
  ctx.restore();
}

/** @typedef {{text: string, subtle: string, line: string, lines: string[], font: string}} Colours */

/**
 * The page's colours as a canvas understands them.
 * @param {HTMLElement} root
 * @param {boolean} onPaper where it is never dark
 * @returns {Colours}
 */
function coloursOf(root, onPaper) {
  const probe = element('span', 'chart-probe');
  probe.toggleAttribute('data-paper', onPaper);
  root.append(probe);
  const named = (/** @type {string} */ name) => {
    probe.dataset.colour = name;
    return getComputedStyle(probe).color;
  };
  const colours = {
    text: named('text'), subtle: named('subtle'), line: named('line'),
    lines: COLOURS.map(named), font: `12px ${getComputedStyle(root).fontFamily}`,
  };
  probe.remove();
  return colours;
}

/** @param {string} colour such as rgb(0, 112, 122) */
function fade(colour) {
  return colour.replace('rgb(', 'rgba(').replace(')', ', 0.14)');
}
