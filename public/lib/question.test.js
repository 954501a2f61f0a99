import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWithNulls } from './datafile.js';
import { questionIn, searchOf, subjectsOf, suppositionsOf } from './question.js';

const question = /** @type {const} */ ({ visitor: '<img onerror=alert(1)>', attributes: { plan: 'gold', age: 40, member: true, gone: null }, kind: 'flag', key: 'shelf', forced: 'on', remembered: '1,11' });

const nobody = { visitor: '', attributes: {}, forced: '' };
const look = { visitor: 'Matt', attributes: { device: 'desktop' }, forced: 'price' };

test('a question comes out of the address as it went in, whatever is looked at', () => {
  for (const asked of [question, { ...question, attributes: {} }]) {
    assert.deepEqual(questionIn(`?${searchOf(asked, '')}`, 'item-sort', look), asked);
  }
});

test('what else the address says stays, and another subject takes the place of the first', () => {
  const search = searchOf({ ...question, kind: 'experiment', attributes: {}, forced: '', remembered: '' }, '?theme=dark&flag=old&forced=x');
  assert.equal(search, 'theme=dark&user=%3Cimg+onerror%3Dalert%281%29%3E&experiment=shelf&attributes=%7B%7D');
});

test('an address that says nothing, or nonsense, asks about the page’s experiment', () => {
  const empty = { visitor: '', attributes: {}, kind: 'experiment', key: 'item-sort', forced: '', remembered: '' };
  for (const search of ['', '?attributes={', '?attributes=null', '?attributes={"a":[1],"b":{}}']) assert.deepEqual(questionIn(search, 'item-sort', nobody), empty, search);
});

test('an address that says nothing asks about what is looked at, and what is forced there is forced of that experiment only', () => {
  assert.deepEqual(questionIn('', 'item-sort', look), { ...look, kind: 'experiment', key: 'item-sort', remembered: '' });
  assert.deepEqual(questionIn('?experiment=item-sort', 'item-sort', look).forced, 'price');
  for (const search of ['?flag=item-sort', '?experiment=other', '?forced=']) assert.equal(questionIn(search, 'item-sort', look).forced, '', search);
  assert.deepEqual(questionIn('?user=Joe&attributes={}', 'item-sort', look).attributes, {});
});

test('what may be asked and supposed is what the datafile has', () => {
  const variations = [{ id: '11', key: 'on' }, { id: '12', key: 'off' }];
  const datafile = {
    experiments: [{ id: '1', key: 'a', variations }, { id: '2', key: 'b', variations: [] }], groups: [{ id: '9', experiments: [{ id: '3', key: 'c' }] }],
    rollouts: [{ id: '4', experiments: [{ id: '5', key: 'd', variations: [{ id: '51', key: 'all' }] }] }],
    featureFlags: [{ id: '6', key: 'shelf', experimentIds: ['1', '2'], rolloutId: '4' }],
  };
  assert.deepEqual(subjectsOf(datafile), { flags: ['shelf'], experiments: ['a', 'b', 'c'] });
  const ofFlag = suppositionsOf(datafile, { kind: 'flag', key: 'shelf' });
  assert.deepEqual(ofFlag.forced.map(({ value }) => value), ['on', 'off', 'all']);
  assert.deepEqual(ofFlag.remembered, [{ value: '1,11', label: 'on of a' }, { value: '1,12', label: 'off of a' }]);
  const numbered = parseWithNulls(JSON.stringify({ ...datafile, featureFlags: [{ ...datafile.featureFlags[0], experimentIds: [1, 2], rolloutId: 4 }] }));
  assert.deepEqual(suppositionsOf(numbered, { kind: 'flag', key: 'shelf' }), ofFlag, 'an id that is a number is taken as text, as by the engine');
  assert.deepEqual(suppositionsOf(datafile, { kind: 'experiment', key: 'a' }).remembered.map(({ label }) => label), ['on', 'off']);
  assert.deepEqual(suppositionsOf({}, { kind: 'flag', key: 'x' }), { forced: [], remembered: [] });
});
