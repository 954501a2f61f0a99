import assert from 'node:assert/strict';
import test from 'node:test';
import { toTables } from './results.js';

/** @returns {import('./results.js').Results} */
const results = () => ({
  sdkKey: 'demo',
  revision: '1',
  experiments: [{
    experiment_id: '20417730841',
    experiment_key: 'item-sort',
    reach: { total_count: 30, variations: { 1: { name: 'price', count: 20 }, 2: { name: 'category', count: 10 } } },
    metrics: [{
      name: 'item_purchase', event_id: '7', aggregator: 'unique', field: null,
      results: { 1: { name: 'price', is_baseline: true, value: 5 }, 2: { name: 'category', is_baseline: false, value: 1 } },
    }],
  }],
});

test('a table has a row for each variation and adds them up', () => {
  const [table] = toTables(results());
  assert.equal(table.experiment, 'item-sort');
  assert.equal(table.event, 'item_purchase');
  assert.deepEqual(table.rows, [
    { variation: 'price', baseline: true, visitors: 20, conversions: 5, rate: 0.25, revenue: undefined },
    { variation: 'category', baseline: false, visitors: 10, conversions: 1, rate: 0.1, revenue: undefined },
  ]);
  assert.deepEqual([table.total.visitors, table.total.conversions, table.total.rate], [30, 6, 0.2]);
});

test('the baseline stands first, whatever the order of ids', () => {
  const answer = results();
  const { results: outcomes } = answer.experiments[0].metrics[0];
  [outcomes[1].is_baseline, outcomes[2].is_baseline] = [false, true];
  assert.deepEqual(toTables(answer)[0].rows.map((row) => row.variation), ['category', 'price']);
});

test('what the relay does not tell of the data’s health counts as 0', () => {
  const answer = results();
  answer.experiments[0].x_health = { crossovers: 2 };
  assert.deepEqual(toTables(answer)[0].health, { duplicates: 0, unattributed: 0, crossovers: 2 });
});

test('revenue is shown where the relay sums it', () => {
  const answer = results();
  answer.experiments[0].metrics.push({
    name: 'item_purchase', event_id: '7', aggregator: 'sum', field: 'revenue', results: { 1: { name: 'price', value: 5400 } },
  });
  const tables = toTables(answer);
  assert.equal(tables.length, 1);
  assert.deepEqual(tables[0].rows.map((row) => row.revenue), [5400, 0]);
  assert.equal(tables[0].total.revenue, 5400);
});

test('nobody has come yet: rates are 0, not a division by it', () => {
  const answer = results();
  for (const variation of Object.values(answer.experiments[0].reach.variations)) variation.count = 0;
  answer.experiments[0].metrics[0].results = {};
  const [table] = toTables(answer);
  assert.deepEqual(table.rows.map((row) => row.rate), [0, 0]);
});

test('each event of an experiment has a table of its own', () => {
  const answer = results();
  answer.experiments[0].metrics.push({ name: 'signup', event_id: '8', aggregator: 'unique', field: null, results: {} });
  assert.deepEqual(toTables(answer).map((table) => table.event), ['item_purchase', 'signup']);
});

test('without experiments there are no tables', () => {
  assert.deepEqual(toTables({ sdkKey: 'demo', revision: '1', experiments: [] }), []);
});
