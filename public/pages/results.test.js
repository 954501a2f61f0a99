import assert from 'node:assert/strict';
import test from 'node:test';
import { checksOf } from '../components/results-health/results-health.js';
import { courseOf, courseRows, momentOf, timeLabels } from '../lib/course.js';
import { formatAverage, formatChange, formatInterval, formatRemaining, formatSignificance, formatTotal } from '../lib/figures.js';
import { orderedIds, pickExperiment, shownMetrics, strayOf, titleOf, withChanges } from '../lib/results.js';
import { PRESETS, leftOut, peekOf, randomFrom, rateOf } from '../lib/simulation.js';
import { verdictOf } from '../lib/verdict.js';

/**
 * @param {string} name
 * @param {Partial<import('../lib/results.js').Outcome>} [more]
 * @returns {import('../lib/results.js').Outcome}
 */
function outcome(name, more = {}) {
  return { name, is_baseline: false, samples: 1000, value: 100, rate: 0.1, x_converters: 100, x_status: 'inconclusive', ...more };
}

/**
 * @param {Partial<import('../lib/results.js').Lift>} [more]
 * @returns {import('../lib/results.js').Lift}
 */
function lift(more = {}) {
  return {
    value: 0.2, significance: 0.95, confidence_interval: [0.05, 0.4], visitors_remaining: 1234, x_p_value: 0.05, x_resets: 0,
    x_current: { p_value: 0.06, naive_p_value: 0.01, naive_called_at: 1234 }, ...more,
  };
}

/**
 * @param {Record<string, import('../lib/results.js').Outcome>} results
 * @param {string | null} [winner]
 * @returns {import('../lib/results.js').Experiment}
 */
function experiment(results, winner = null) {
  return {
    experiment_id: '9', experiment_key: 'sort', confidence_threshold: 0.9, start_time: null, end_time: null, x_trustworthy: true,
    reach: {
      total_count: Object.values(results).reduce((sum, { samples }) => sum + samples, 0),
      variations: Object.fromEntries(Object.entries(results).map(([id, { name, samples }]) => [id, { name, count: samples, variation_reach: 0.5 }])),
    },
    metrics: [{ name: 'buy', event_id: '7', aggregator: 'unique', field: null, x_tier: 'primary', conclusion: { winner, loser: null }, results }],
    x_health: {
      srm: { p: 1, chi2_p: 1, status: 'ok', expected: { 1: 1000, 2: 1000 }, observed: { 1: 1000, 2: 1000 } },
      decisions: { checked: 2000, mismatches: 0, unknown: 0 }, crossovers: 0, duplicates: 0, unattributed: 0, late: 0, ahead: 0, amounts: 0, strangers: 0,
    },
    x_epochs: [], x_variations: Object.keys(results),
  };
}

const baseline = outcome('price', { is_baseline: true, x_status: 'baseline' });

for (const [name, of, kind, title, detail] of /** @type {const} */ ([
  ['no variations', experiment({}), 'waiting', /No variations/, /^An experiment without variations has no visitors\.$/],
  ['nobody has come', experiment({ 1: outcome('price', { samples: 0 }) }), 'waiting', /No visitors yet/, /within a second/],
  ['a winner', experiment({ 1: baseline, 2: outcome('category', { x_status: 'winner', lift: lift() }) }, '2'),
    'winner', /category wins: \+20\.0% against price/, /Between \+5\.0% and \+40\.0%, at 95\.0% significance, where 90% was wanted. It is safe to stop/],
  ['a winner that strays from its interval', experiment({ 1: baseline, 2: outcome('category', { x_status: 'winner', lift: lift({ value: 0.5 }) }) }, '2'),
    'winner', /category wins: \+50\.0%/, /Between \+5\.0% and \+40\.0%.* safe to stop\. What is observed now lies above what all looks together leave possible/],
  ['a loser', experiment({ 1: baseline, 2: outcome('category', { x_status: 'loser', lift: lift({ value: -0.2 }) }) }),
    'loser', /price is better: category −20\.0%/, /safe to stop/],
  ['too little', experiment({ 1: outcome('price', { is_baseline: true, x_status: 'baseline', samples: 60, x_converters: 3 }), 2: outcome('category', { x_status: 'collecting', lift: lift() }) }),
    'collecting', /Collecting/, /100 visitors and 25 who converted; so far price 60 and 3\./],
  ['too little of some', experiment({
    1: outcome('price', { is_baseline: true, x_status: 'baseline', samples: 100, x_converters: 25 }), 2: outcome('few', { x_status: 'collecting', samples: 99, lift: lift() }),
    3: outcome('idle', { x_status: 'collecting', x_converters: 24, lift: lift() }), 4: outcome('gone', { x_status: 'removed', samples: 1 }),
  }), 'collecting', /Collecting/, /; so far few 99 and 100, idle 1,000 and 24\.$/],
  ['one variation', experiment({ 1: baseline }), 'waiting', /Nothing to compare with/, /^price is the only variation: it takes a second one/],
  ['one that is left', experiment({ 1: baseline, 2: outcome('gone', { x_status: 'removed' }) }), 'waiting', /Nothing to compare with/, /^price is the only variation/],
  ['no difference', experiment({ 1: baseline, 2: outcome('category', { lift: lift() }) }), 'inconclusive', /No difference beyond chance/, /~1,234 more visitors/],
  ['no difference at all', experiment({ 1: baseline, 2: outcome('category', { lift: lift({ visitors_remaining: null }) }) }),
    'inconclusive', /No difference/, /look alike/],
  ['some that differ little, and one that is new', experiment({
    1: baseline, 2: outcome('a', { lift: lift() }), 3: outcome('b', { lift: lift({ visitors_remaining: 99 }) }), 4: outcome('c', { x_status: 'collecting', lift: lift() }),
  }), 'inconclusive', /No difference/, /^~99 more visitors if the observed rates hold\. c: still collecting\./],
])) {
  test(`the verdict of ${name}`, () => {
    const verdict = verdictOf(of);
    assert.equal(verdict.kind, kind);
    assert.match(verdict.title, title);
    assert.match(verdict.detail, detail);
  });
}

test('a name from right to left turns no number beside it', () => {
  const of = experiment({ 1: outcome('price', { is_baseline: true }), 2: outcome('מחיר', { x_status: 'loser', lift: lift({ value: -0.2 }) }) });
  assert.equal(verdictOf(of).title, 'price is better: \u2068מחיר\u2069 −20.0%');
  assert.equal(momentOf({ ...courseOf(of, of.metrics[0], 'rate'), lines: [{ name: 'قيمة', values: [0.1] }] }, 0), '\u2068قيمة\u2069 10.0%');
});

test('a broken split goes before any winner', () => {
  const of = experiment({ 1: baseline, 2: outcome('category', { x_status: 'winner', lift: lift() }) }, '2');
  of.x_trustworthy = false;
  Object.assign(of.x_health.srm, { p: 0.0001, status: 'mismatch', expected: { 1: 1000, 2: 1000 }, observed: { 1: 1200, 2: 800 } });
  assert.equal(verdictOf(of).kind, 'broken');
  assert.match(verdictOf(of).detail, /price 1,200 instead of about 1,000, category 800 instead/);
  assert.deepEqual(checksOf(of, '')[0], { state: 'bad', words: 'Sample ratio mismatch: the split is not what it should be (p <0.001)' });
});

test('health tells of rare things only where they happened, and warns of many crossovers', () => {
  const of = experiment({ 1: baseline, 2: outcome('category', { lift: lift() }) });
  assert.deepEqual(checksOf(of, '').map(({ state }) => state), ['ok', 'ok', 'ok', 'ok', 'ok']);
  Object.assign(of.x_health, { crossovers: 30, unattributed: 1, ahead: 1, decisions: { checked: 2000, mismatches: 3, unknown: 0 } });
  assert.deepEqual(checksOf(of, '').map(({ state, words }) => `${state}: ${words}`).slice(1), [
    'warning: 3 of 2,000 decisions (0.2%) differ from the relay’s own', 'warning: 30 visitors saw more than one variation', 'ok: 0 events came twice and counted once',
    'note: 1 conversion of visitors who had seen no variation', 'warning: 1 event is from the future: a clock is wrong',
  ]);
});

test('health of what nobody has seen yet praises nothing', () => {
  const of = experiment({ 1: outcome('price', { samples: 0 }) });
  Object.assign(of.x_health.srm, { expected: { 1: 0, 2: 0 }, observed: { 1: 0, 2: 0 } });
  Object.assign(of.x_health.decisions, { checked: 0 });
  assert.deepEqual(checksOf(of, '').slice(0, 2), [
    { state: 'note', words: 'Nobody has come yet whose split could be watched' },
    { state: 'note', words: 'No decision has come yet that the relay’s own engine could repeat' },
  ]);
});

test('health does not praise a split of so few visitors that any would pass', () => {
  const of = experiment({ 1: baseline, 2: outcome('category', { lift: lift() }) });
  const split = (/** @type {number} */ first, /** @type {number} */ second) => {
    Object.assign(of.x_health.srm, { expected: { 1: 50, 2: 50 }, observed: { 1: first, 2: second } });
    return checksOf(of, '')[0];
  };
  const early = { state: 'note', words: 'Too early to tell whether visitors are split as they should be' };
  assert.deepEqual(split(1, 0), early);
  assert.deepEqual(split(65, 34), early);
  assert.deepEqual(split(55, 45), { state: 'ok', words: 'Visitors are split as they should be' });
  Object.assign(of.x_health.srm, { status: 'warning', p: 0.02 });
  assert.equal(split(30, 0).state, 'warning');
});

test('health beside the figures of some visitors says whose counts it tells', () => {
  const of = experiment({ 1: baseline, 2: outcome('category', { lift: lift() }) });
  assert.deepEqual(checksOf(of, '1700000000000').at(-1), {
    state: 'note', words: 'The split is that of these visitors, the counts are of all so far',
  });
});

test('variations stand as the datafile has them, behind the baseline, and removed ones last', () => {
  const of = experiment({
    1: outcome('gone', { x_status: 'removed' }), 2: outcome('a', { lift: lift() }), 3: outcome('b', { is_baseline: true }), 4: outcome('c', { lift: lift() }),
  });
  of.x_variations = ['4', '2', '3'];
  assert.deepEqual(orderedIds(of, of.metrics[0]), ['3', '4', '2', '1']);
});

for (const [value, ends, want] of /** @type {[number | null, import('../lib/results.js').Ends, string][]} */ ([
  [0.2, [0.05, 0.4], ''], [0.4, [0.05, 0.4], ''], [0.5, [0.05, 0.4], 'above'], [0.01, [0.05, 0.4], 'below'], [0.5, [null, null], ''], [null, [0.05, 0.4], ''],
])) {
  test(`an improvement of ${value} is ${want || 'not outside'} ${want && 'of '}${ends.join(' to ')}`, () => assert.equal(strayOf(lift({ value, confidence_interval: ends })), want));
}

test('metrics of which nothing came are left out, but never the primary one', () => {
  const of = experiment({ 1: outcome('a', { x_converters: 0 }) });
  of.metrics.push({ ...of.metrics[0], aggregator: 'sum', field: 'value', x_tier: 'secondary' });
  assert.deepEqual(shownMetrics(of).map(titleOf), ['Visitors with buy']);
  of.metrics[1].results = { 1: outcome('a'), 2: outcome('b', { x_converters: 0 }) };
  assert.deepEqual(shownMetrics(of).map(titleOf), ['Visitors with buy', 'Value of buy']);
  assert.equal(titleOf({ ...of.metrics[1], field: 'revenue' }), 'Revenue of buy');
  assert.equal(titleOf({ ...of.metrics[1], aggregator: 'count' }), 'All buy');
});

test('the experiment asked for is shown, else one that anybody saw', () => {
  const [empty, seen] = [experiment({ 1: outcome('a', { samples: 0 }) }), experiment({ 1: outcome('a') })];
  seen.experiment_key = 'seen';
  const results = { sdkKey: 'demo', revision: '1', experiments: [empty, seen] };
  assert.equal(pickExperiment(results, 'sort'), empty);
  assert.equal(pickExperiment(results, 'nonesuch'), seen);
  assert.equal(pickExperiment({ ...results, experiments: [empty] }, 'nonesuch'), empty);
  assert.equal(pickExperiment({ ...results, experiments: [] }, 'sort'), undefined);
});

test('changes take the place of what they are of, and leave the rest as it is', () => {
  const [one, two, three] = ['1', '2', '3'].map((id) => ({ ...experiment({ 1: outcome('a') }), experiment_id: id }));
  const before = { sdkKey: 'demo', revision: '1', experiments: [one, { ...two, x_gone: true }, three] };
  const after = withChanges(before, { revision: '2', experiments: [two], health: { 3: { late: 4, unattributed: 5 } } });
  assert.deepEqual(after, {
    sdkKey: 'demo', revision: '2', experiments: [one, two, { ...three, x_health: { ...three.x_health, late: 4, unattributed: 5 } }],
  });
  assert.equal(after.experiments[0], one);
  assert.equal(three.x_health.late, 0, 'what was shown before is not written to');
});

test('figures', () => {
  assert.deepEqual([formatChange(0.1234), formatChange(-0.1234), formatChange(0), formatChange(null)], ['+12.3%', '−12.3%', '0.0%', '–']);
  assert.deepEqual([formatInterval([-0.1, 0.2]), formatInterval([null, 0.2])], ['−10.0% to +20.0%', '–']);
  assert.deepEqual([formatSignificance(0.9996), formatSignificance(0.5)], ['>99.9%', '50.0%']);
  assert.deepEqual([formatRemaining(null), formatRemaining(0), formatRemaining(3229), formatRemaining(200_000)], ['–', '0', '~3,229', '>100,000']);
  const revenue = { ...experiment({}).metrics[0], field: 'revenue' };
  const count = { ...revenue, aggregator: /** @type {const} */ ('count'), field: null };
  const value = { ...revenue, field: 'value' };
  assert.deepEqual([formatTotal(5400, revenue), formatTotal(-5400, revenue), formatAverage(-5.4, revenue)], ['$54.00', '−$54.00', '−$0.05']);
  assert.deepEqual([formatTotal(5992.67, value), formatTotal(-5186.4, value), formatTotal(0.125, value), formatTotal(1234, count)], ['5,992.67', '−5,186.40', '0.125', '1,234']);
  assert.deepEqual([formatAverage(-1.5, value), formatAverage(-0.0004, value), formatAverage(-0, value), formatAverage(0.14, count)], ['−1.500', '0.000', '0.000', '0.140']);
});

test('a course has a line for each variation, marks, and a range that later looks decide', () => {
  const at = (/** @type {number} */ minute) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
  const point = (/** @type {number} */ i, /** @type {import('../lib/results.js').Ends} */ ends) => ({
    time: at(i), samples: 100, value: 10, rate: 0.1,
    lift: { value: 0.1, significance: 0.3, confidence_interval: ends, x_naive_p_value: 0.2, x_reset: i === 2 },
  });
  const of = experiment({
    1: outcome('price', { is_baseline: true, timeseries: [0, 1, 1, 3].map((i) => ({ time: at(i), samples: 100, value: 10, rate: 0.1 })) }),
    2: outcome('category', { lift: lift(), timeseries: [point(0, [null, null]), point(1, [-5, 9]), point(2, [-0.2, 0.4]), point(3, [-0.1, 0.3])] }),
  });
  of.x_epochs = [0, 2, 9].map((minute, i) => ({ since: at(minute), revisions: [String(i + 1)], allocation: {}, visitors: 5 })); // the last is later than all looks
  const [metric] = of.metrics;
  const course = courseOf(of, metric, 'improvement');
  assert.deepEqual(course.lines, [{ name: 'category', values: [null, 0.1, 0.1, 0.1], low: [null, -5, -0.2, -0.1], high: [null, 9, 0.4, 0.3] }]);
  assert.deepEqual(course.range.map(formatChange), ['−26.0%', '+46.0%']);
  assert.deepEqual([course.times[0], course.format(0.104), course.rough(0.104)], [Date.parse(at(0)) / 1000, '+10.4%', '+10%']);
  const rates = courseOf(of, metric, 'rate');
  assert.deepEqual(rates.times.map((time) => time - rates.times[0]).map((time) => time.toFixed(4)), ['0.0000', '60.0000', '60.0005', '180.0000']);
  assert.deepEqual([rates.range.map(formatChange), rates.format(0.1), rates.rough(0.1)], [['+9.0%', '+11.0%'], '10.0%', '10.0%']);
  const two = Date.parse(at(2)) / 1000;
  assert.deepEqual(course.marks, [{ at: two, words: 'revision 2' }, { at: two, words: 'category starts over' }]);
  assert.equal(momentOf(course, 3), 'category +10.0% (−10.0% to +30.0%)');
  assert.equal(momentOf(course, 0), 'category not yet known');
  assert.deepEqual(rates.lines.map(({ name }) => name), ['price', 'category']);
  assert.deepEqual(courseOf(of, metric, 'significance').range, [0, 1]);
  assert.deepEqual(courseRows(of, metric, (time) => time.slice(14, 16))[7], ['03', 'category', '100', '10.0%', '+10.0%', '−10.0% to +30.0%', '30.0%']);
});

test('looks at which nothing was known make no other one a late one', () => {
  const ends = /** @type {import('../lib/results.js').Ends[]} */ ([...Array(6).fill([null, null]), [-5, 9], [-0.2, 0.4], [-0.1, 0.3]]);
  const timeseries = ends.map((interval, i) => ({
    time: new Date(i).toISOString(), samples: 100, value: 10, rate: 0.1, lift: { value: 0.1, significance: 0.3, confidence_interval: interval, x_naive_p_value: 0.2 },
  }));
  const of = experiment({ 1: outcome('price', { is_baseline: true, timeseries }), 2: outcome('category', { lift: lift(), timeseries }) });
  assert.deepEqual(courseOf(of, of.metrics[0], 'improvement').range.map(formatChange), ['−26.0%', '+46.0%']);
});

test('a course of which nothing is known yet, or that is all the same, has a range too', () => {
  const look = { time: new Date(0).toISOString(), samples: 100, value: 10, rate: 0.1 };
  const rangeOf = (/** @type {Partial<import('../lib/results.js').Point>} */ change, /** @type {import('../lib/course.js').View} */ view) => {
    const of = experiment({ 1: outcome('price', { is_baseline: true, lift: lift(), timeseries: [{ ...look, ...change }] }) });
    return courseOf(of, of.metrics[0], view).range.map((end) => end.toFixed(2));
  };
  assert.deepEqual(rangeOf({ samples: 0 }, 'rate'), ['0.00', '1.00']);
  assert.deepEqual(rangeOf({ rate: 0 }, 'rate'), ['0.00', '0.10']);
  assert.deepEqual(rangeOf({ rate: 5 }, 'rate'), ['4.50', '5.50']);
  assert.deepEqual(rangeOf({ rate: -5 }, 'rate'), ['-5.50', '-4.50'], 'refunds');
  assert.deepEqual(rangeOf({}, 'improvement'), ['-0.10', '0.10']);
  const grown = { value: 0.2, significance: 0.9, confidence_interval: /** @type {import('../lib/results.js').Ends} */ ([0.1, 0.4]), x_naive_p_value: 0.1 };
  assert.deepEqual(rangeOf({ lift: grown }, 'improvement'), ['-0.04', '0.44'], 'no change is within');
});

test('times are labelled as they are elsewhere, and a date stands where it begins', () => {
  const at = (/** @type {number[]} */ ...parts) => new Date(2026, 10, ...parts).getTime() / 1000;
  const plain = (/** @type {string[]} */ labels) => labels.map((label) => label.replace(/\s(?=[AP]M)/, ' '));
  assert.deepEqual(plain(timeLabels([at(29, 16, 54), at(29, 20, 54), at(30, 0, 54)], 4 * 3600)), ['4:54 PM\nNov 29, 2026', '8:54 PM', '12:54 AM\nNov 30']);
  assert.deepEqual(plain(timeLabels([at(29, 16, 54), at(29, 16, 54, 30)], 30)), ['4:54:00 PM\nNov 29, 2026', '4:54:30 PM']);
  assert.deepEqual(timeLabels([at(29), at(30), at(63)], 86400), ['Nov 29\n2026', 'Nov 30', 'Jan 2\n2027']);
});

test('beside our significance stands that of a z-test, once there is anything to compare', () => {
  const then = (/** @type {number} */ i, /** @type {import('../lib/results.js').Ends} */ ends) => ({
    time: new Date(i).toISOString(), samples: 1, value: 1, rate: 1,
    lift: { value: 0.1, significance: 0.3, confidence_interval: ends, x_naive_p_value: 0.02 },
  });
  const of = experiment({ 1: baseline, 2: outcome('category', { lift: lift(), timeseries: [then(1, [null, null]), then(2, [-1, 1])] }) });
  assert.deepEqual(courseOf(of, of.metrics[0], 'significance').lines.map(({ values }) => values), [[0.3, 0.3], [null, 0.98]]);
  assert.match(peekOf(of), /would have called category at 1,234 visitors \(p 0\.010 now\); ours, which bears looking, says p 0\.050\./);
  assert.equal(peekOf(experiment({ 1: baseline, 2: outcome('category', { x_status: 'collecting', lift: lift() }) })), '');
});

test('random numbers of a seed are spread evenly, and the same again', () => {
  const [one, same, other] = [randomFrom(7), randomFrom(7), randomFrom(8)];
  const numbers = Array.from({ length: 10_000 }, one);
  assert.deepEqual(Array.from({ length: 100 }, same), numbers.slice(0, 100));
  assert.notEqual(other(), numbers[0]);
  const tenths = Array.from({ length: 10 }, (_, i) => numbers.filter((n) => Math.floor(n * 10) === i).length);
  assert.ok(tenths.every((n) => n > 850 && n < 1150), String(tenths));
});

test('a preset tells a rate for any number of variations', () => {
  assert.deepEqual([0, 1, 2].map((i) => rateOf(PRESETS[1], i)), [0.1, 0.13, 0.13]);
});

test('a simulation tells whom the experiment leaves out', () => {
  const of = (/** @type {number} */ done, /** @type {number} */ sorted) => leftOut({ done, sorted }, 'sort', { device: 'desktop' });
  assert.deepEqual([of(0, 0), of(500, 500)], ['', '']);
  assert.equal(of(5000, 1250), '1,250 of them got a variation, the others are left out by the experiment.');
  assert.match(of(500, 0), /^None of them got a variation: .*sort.* does not run, or leaves out visitors with device desktop\.$/);
});
