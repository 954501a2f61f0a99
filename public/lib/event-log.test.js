import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog, MOST_ENTRIES, describeQueues } from './event-log.js';

const impression = { revision: '1', visitors: [{ visitor_id: '<b>Matt</b>', snapshots: [{ decisions: [{ metadata: { rule_key: 'item-sort', variation_key: 'price' } }], events: [{ uuid: 'a' }] }] }] };
const conversion = { revision: '1', visitors: [{ visitor_id: 'Joe', snapshots: [{ events: [{ uuid: 'b', key: 'buy', revenue: 5400 }] }] }] };
/** @param {string} uuid @param {string} kind @param {any} status @param {string} [error] */
const step = (uuid, kind, status, error) => ({ page: 'store', event: { uuid, kind, status, error } });

test('an event is one entry, whatever is heard of it, and the newest is first', () => {
  const log = new EventLog();
  log.hear(step('a', 'impression', 'queued'), 1);
  log.hear(step('b', 'conversion', 'queued'), 2);
  log.hear({ page: 'store', sent: [{ uuid: 'a', payload: impression }, { uuid: 'b', payload: conversion }] }, 3);
  log.hear(step('a', 'impression', 'safe'), 4);
  log.hear(step('b', 'conversion', 'queued', 'The relay is away'), 5);
  assert.deepEqual(log.entries('').map(({ uuid, status, time, words, error }) => [uuid, status, time, words, error]), [
    ['b', 'queued', 2, 'Joe: buy, revenue 5400 cents', 'The relay is away'], ['a', 'safe', 1, '<b>Matt</b> saw price of item-sort', undefined],
  ]);
  assert.equal(log.find('a')?.payload, impression);
});

test('an event that an earlier page left is known once it is sent', () => {
  const log = new EventLog();
  log.hear({ page: 'store', sent: [{ uuid: 'b', payload: conversion }] }, 1);
  assert.deepEqual(log.entries('conversion').map(({ status }) => status), ['sent']);
  log.hear(step('b', 'conversion', 'safe'), 2);
  log.hear({ page: 'store', sent: [{ uuid: 'b', payload: conversion }] }, 3);
  assert.deepEqual(log.entries('conversion').map(({ status }) => status), ['safe']);
});

test('one kind at a time, or what went wrong', () => {
  const log = new EventLog();
  log.hear(step('a', 'impression', 'safe'), 1);
  log.hear(step('b', 'conversion', 'refused', 'too long'), 2);
  log.note('Revision 2', 3);
  const uuids = (/** @type {string} */ kind) => log.entries(kind).map(({ words, uuid }) => words || uuid);
  assert.deepEqual(['', 'impression', 'conversion', 'datafile', 'problem'].map(uuids), [['Revision 2', 'b', 'a'], ['a'], ['b'], ['Revision 2'], ['b']]);
  log.clear();
  assert.deepEqual(uuids(''), []);
});

test('the oldest go when there are too many', () => {
  const log = new EventLog();
  for (let i = 0; i < MOST_ENTRIES + 3; i++) log.hear(step(String(i), 'impression', 'queued'), i);
  assert.equal(log.entries('').length, MOST_ENTRIES);
  assert.equal(log.entries('').at(-1)?.uuid, '3');
});

const of = (/** @type {string} */ page, /** @type {any} */ queue) => ({ page, queue: { dropped: 0, ...queue } });

test('a queue is told in a line', () => {
  assert.deepEqual(describeQueues([of('console', { waiting: 7, retryAt: 5000 })], 1001), ['console: 7 events waiting, retry in 4 s, 0 dropped']);
  assert.deepEqual(describeQueues([of('store', { waiting: 1, dropped: 2 })], 0), ['store: 1 event waiting, 2 dropped']);
  assert.deepEqual(describeQueues([], 0), []);
});

test('two tabs of a page are two lines, which are not to be added up', () => {
  assert.deepEqual(describeQueues([of('store', { waiting: 3 }), of('console', { waiting: 0 }), of('store', { waiting: 5 })], 0), [
    'store 1: 3 events waiting, 0 dropped', 'store 2: 5 events waiting, 0 dropped', 'console: 0 events waiting, 0 dropped',
    'Tabs of one page share a queue, and may count the same events.',
  ]);
});
