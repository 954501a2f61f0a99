import assert from 'node:assert/strict';
import test from 'node:test';
import { settingsIn } from './results-link.js';

const usual = { experiment: '', baseline: '', confidence: '', crossovers: '', start: '', end: '' };
const read = (/** @type {string} */ search) => settingsIn(new URLSearchParams(search));

test('a link to the results is read as the relay reads it', () => {
  for (const [search, settings] of /** @type {[string, Partial<typeof usual>][]} */ ([
    ['?project=sandbox&utm_source=mail', {}],
    ['?experiment=a&baseline=b&confidence=0.99&crossovers=exclude', { experiment: 'a', baseline: 'b', confidence: '0.99', crossovers: 'exclude' }],
    ['?confidence=0.9&crossovers=first&start=', {}],
    ['?confidence=0.950', { confidence: '0.95' }],
    ['?start=2027-01-01T00:00:00Z&end=2027-01-01T02:00:00.5%2B01:00', { start: '1798761600000', end: '1798765200500' }],
    ['?start=1798761600000', { start: '1798761600000' }],
    ['?end=253402300799000', { end: '253402300799000' }],
  ])) assert.deepEqual(read(search), { settings: { ...usual, ...settings }, complaint: '' }, search);
});

test('what a link says that nobody understands is told, and the rest is read', () => {
  for (const search of ['start=abc', 'end=2027-01-01', 'start=-5', 'end=0', 'start=9999999999999999', 'start=2027-13-01T00:00:00Z', 'confidence=0.97', 'crossovers=zz', 'crossovers=toString']) {
    const [name, value] = search.split('=');
    assert.deepEqual(read(`?experiment=a&${search}`), {
      settings: { ...usual, experiment: 'a' }, complaint: `This link asks for the ${name} ${value}, which was not understood and is left out.`,
    });
  }
  assert.equal(read('?confidence=1&start=x').complaint, 'This link asks for the confidence 1 and the start x, which were not understood and are left out.');
  assert.deepEqual(read('?start=20&end=20'), {
    settings: { ...usual, start: '20' }, complaint: 'This link asks for the end 20, which is not after its start and is left out.',
  });
});
