import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as sdk from '../index.js';

/** What the official SDK sent, with what its application had passed; package event in Go writes the same. */
const recorded = JSON.parse(readFileSync(new URL('../../../wasm/engine/event/testdata/official.json', import.meta.url), 'utf8'));

/** The datafile of the records. @param {object} [facts] */
const datafileOf = (facts) => JSON.stringify({
  version: '4', revision: '42', accountId: '12001', projectId: '15000', anonymizeIP: true, sendFlagDecisions: true,
  experiments: [
    { id: '11', key: 'item-sort', layerId: '111', variations: [{ id: '1111', key: 'price' }] },
    { id: '12', key: 'odd "ids"', layerId: '', variations: [{ id: 'x-1', key: 'é\u2028' }] },
    { id: '13', key: 'of-flag', layerId: '113', variations: [{ id: '1311', key: 'on', featureEnabled: true }] },
  ].map((e) => ({ ...e, status: 'Running', audienceIds: [], forcedVariations: {}, trafficAllocation: [{ entityId: e.variations[0].id, endOfRange: 10000 }] })),
  featureFlags: [
    { id: 'f1', key: 'sort', rolloutId: '', experimentIds: ['13'], variables: [] },
    { id: 'f2', key: 'empty', rolloutId: '', experimentIds: [], variables: [] },
  ],
  attributes: [{ id: '301', key: 'plan' }, { id: '302', key: 'n' }, { id: '303', key: '$opt_known' }],
  events: [{ id: '401', key: 'item_purchase', experimentIds: [] }],
  groups: [], audiences: [], rollouts: [],
  ...facts,
});

/** Has a client of a datafile do something, and gives the log events that it sends. @param {string} datafile @param {(client: any) => void} act */
async function sentBy(datafile, act) {
  /** @type {any[]} */
  const sent = [];
  const dispatchEvent = async (/** @type {any} */ event) => {
    sent.push(event);
    return {};
  };
  const client = sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }), eventProcessor: sdk.createForwardingEventProcessor({ dispatchEvent }),
    clientEngine: 'node-sdk', clientVersion: '6.6.1',
  });
  await client.onReady();
  act(client);
  return sent;
}

/** The object of recorded pairs, with the values that JSON does not have. @param {[string, any][]} [pairs] */
function objectOf(pairs) {
  return pairs && Object.fromEntries(pairs.map(([key, value]) => [key, value?.$num ? Number(value.$num) : value?.$ ? undefined : value]));
}

test('events are as the official SDK made them, to the last byte', async (t) => {
  for (const { name, user, attributes, facts, decision, tags, body } of recorded) {
    await t.test(name, async () => {
      const [{ params }] = await sentBy(datafileOf(facts), (client) => {
        const given = objectOf(attributes);
        if (!decision) client.track('item_purchase', user, given, objectOf(tags));
        else if (decision.metadata.flag_key) client.createUserContext(user, given).decide(decision.metadata.flag_key);
        else client.activate(decision.metadata.rule_key, user, given);
      });
      const text = JSON.stringify(params, (key, value) => (key === 'uuid' ? 'u-1' : key === 'timestamp' ? 1700000000123 : value));
      assert.equal(text, body);
    });
  }
});

test('an event keeps saying what it said, whatever its application changes later', async () => {
  const attributes = { plan: 'gold' };
  const tags = { item: 'lamp', sizes: [7] };
  const [shown, bought, again] = await sentBy(datafileOf(), (client) => {
    client.activate('item-sort', 'Matt', attributes);
    client.track('item_purchase', 'Matt', attributes, tags);
    attributes.plan = 'none';
    tags.item = 'none';
    tags.sizes.push(8);
    client.activate('item-sort', 'Matt', attributes);
  });
  assert.deepEqual([shown, bought, again].map(({ params }) => params.visitors[0].attributes[0].value), ['gold', 'gold', 'none']);
  assert.deepEqual(bought.params.visitors[0].snapshots[0].events[0].tags, { item: 'lamp', sizes: [7] });
});

test('a dispatcher may change its event, and no other event changes', async () => {
  const [first, second] = await sentBy(datafileOf({ botFiltering: true }), (client) => {
    client.activate('item-sort', 'Matt');
    client.activate('item-sort', 'Matt');
  });
  const { params } = first;
  const [{ snapshots: [{ decisions: [decision], events: [event] }], attributes: [filtering] }] = params.visitors;
  for (const part of [params, decision, decision.metadata, event, filtering]) for (const key in part) part[key] = 'changed';
  assert.doesNotMatch(JSON.stringify(second), /changed/);
});

test('what JSON cannot say is no tag, and the others are', async () => {
  const [{ params }] = await sentBy(datafileOf(), (client) => client.track('item_purchase', 'Matt', {}, { big: 1n, call: () => {}, item: 'lamp', on: new Date(0) }));
  assert.deepEqual(params.visitors[0].snapshots[0].events[0].tags, { item: 'lamp', on: '1970-01-01T00:00:00.000Z' });
});

test('every event has a uuid of its own', async () => {
  const sent = await sentBy(datafileOf(), (client) => {
    for (let i = 0; i < 1000; i++) client.track('item_purchase', `visitor_${i}`);
  });
  const uuids = sent.map(({ params }) => params.visitors[0].snapshots[0].events[0].uuid);
  for (const uuid of uuids) assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(uuids).size, uuids.length);
});
