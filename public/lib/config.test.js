import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseConfig } from './config.js';

const read = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

test('the committed settings name an experiment, its variations and an event of the demo', () => {
  const config = parseConfig(read('../config.json'));
  const datafile = read('../demo/datafile.json');
  const experiment = datafile.experiments.find((/** @type {{key: string}} */ { key }) => key === config.experimentKey);
  assert.equal(datafile.sdkKey, config.sdkKey);
  assert.deepEqual(Object.keys(config.sort), experiment.variations.map((/** @type {{key: string}} */ { key }) => key));
  assert.ok(datafile.events.some((/** @type {{key: string}} */ { key }) => key === config.eventKey));
});

for (const value of [undefined, null, 'text', [], {}, { sdkKey: 7 }]) {
  test(`${JSON.stringify(value)} is told to be no settings`, () => {
    assert.throws(() => parseConfig(value), /config\.json has no text named relayUrl/);
  });
}

test('settings without orders leave the shelf as it is', () => {
  const config = parseConfig({ relayUrl: '', sdkKey: 'k', experimentKey: 'e', eventKey: 'v' });
  assert.deepEqual(config.sort, {});
});
