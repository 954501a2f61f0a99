import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseConfig } from './config.js';

const site = new URL('http://shop.example/');
const read = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

test('the committed settings name an experiment, its variations and an event of the demo', () => {
  const config = parseConfig(read('../config.json'), site);
  const datafile = read('../demo/datafile.json');
  const experiment = datafile.experiments.find((/** @type {{key: string}} */ { key }) => key === config.experimentKey);
  assert.equal(datafile.sdkKey, config.sdkKey);
  assert.deepEqual(Object.keys(config.sort), experiment.variations.map((/** @type {{key: string}} */ { key }) => key));
  assert.ok(datafile.events.some((/** @type {{key: string}} */ { key }) => key === config.eventKey));
});

for (const value of [null, 'text', 7, []]) {
  test(`${JSON.stringify(value)} is told to be no settings`, () => {
    assert.throws(() => parseConfig(value, site), { message: `config.json is ${JSON.stringify(value)}, which holds no settings: beside this page belongs a config.json like the one in the repository.` });
  });
}

const good = { relayUrl: '', sdkKey: 'k', experimentKey: 'e', eventKey: 'v' };

test('settings without orders leave the shelf as it is', () => {
  assert.deepEqual(parseConfig(good, site), { ...good, isServed: true, sort: {}, complaint: '' });
});

for (const [address, want] of [['https://shop.example/', ''], ['https://shop.example/ab/', 'https://shop.example/ab']]) {
  test(`the relay that serves ${address} is where that is`, () => assert.equal(parseConfig(good, new URL(address)).relayUrl, want));
}

for (const [given, want] of [['https://relay.example/', 'https://relay.example'], [' http://relay/base// ', 'http://relay/base'], ['/', '']]) {
  test(`the relay's address ${given} is ${want}`, () => assert.equal(parseConfig({ ...good, relayUrl: given }, site).relayUrl, want));
}

test('a relay that serves the page has made its settings, and one elsewhere has not', () => {
  for (const relayUrl of ['', '/']) assert.equal(parseConfig({ ...good, relayUrl }, new URL('http://shop.example/ab/')).isServed, true);
  assert.equal(parseConfig({ ...good, relayUrl: 'http://relay' }, site).isServed, false);
});

/** @type {[string, object, string, RegExp][]} */
const wrong = [
  ['a missing setting', { eventKey: undefined }, 'http://shop.example/', /^config\.json has no eventKey: add the key of the event that a purchase is\.$/],
  ['a number for a text', { sdkKey: 7 }, 'http://shop.example/', /^sdkKey in config\.json is 7, which is no text: it should be the SDK key of your project\.$/],
  ['a long list for a text', { relayUrl: Array(99).fill('x') }, 'http://shop.example/', /^relayUrl in config\.json is \["x",.{30,40}…, which is no text: it should be the address/],
  ['an empty sdkKey', { sdkKey: '' }, 'http://shop.example/', /^sdkKey in config\.json is empty: it should be the SDK key of your project\.$/],
  ['an address of another scheme', { relayUrl: 'ws://relay' }, 'http://shop.example/', /relayUrl in config\.json is ws:\/\/relay: it should begin with http/],
  ['an address without a scheme', { relayUrl: 'relay.example' }, 'http://shop.example/', /should begin with http/],
  ['a relay on http for a page on https', { relayUrl: 'http://relay' }, 'https://shop.example/', /came by https/],
];
for (const [name, change, page, message] of wrong) {
  test(`${name} is refused with what to do`, () => assert.throws(() => parseConfig({ ...good, ...change }, new URL(page)), { message }));
}

test("a page on https may reach a relay on its reader's own machine", () => {
  assert.equal(parseConfig({ ...good, relayUrl: 'http://localhost:8080' }, new URL('https://shop.example/')).relayUrl, 'http://localhost:8080');
});

test('what is odd but bearable is told', () => {
  assert.match(parseConfig({ ...good, sorting: {} }, site).complaint, /setting named sorting, .* there are relayUrl, .* and sort\.$/);
  for (const sort of ['price', ['price'], null]) assert.match(parseConfig({ ...good, sort }, site).complaint, /^sort in config\.json is .*: it should be like \{"price"/);
  assert.match(parseConfig({ ...good, sort: { b: ['size'] } }, site).complaint, /sorts b by \["size"\], which is no order/);
  assert.match(parseConfig({ ...good, sort: { b: 'size' } }, site).complaint, /sorts b by size, .* there are price, category, name and shelf\.$/);
});
