// Records what the official SDK 6.6.1 sends, as golden cases for encode_test.go and for event_maker.test.js in
// public/sdk/engine:
//
//   node record.mjs > official.json        (after `npm ci` in relay/e2e, where the SDK is installed)
//
// Uuids and times are replaced by those the test gives. Values that JSON does not have are written {"$num": "NaN"} (-0 too) and
// {"$": "undefined"}.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../../relay/e2e/package.json', import.meta.url));
const sdk = require('@optimizely/optimizely-sdk');

const datafile = {
  version: '4', revision: '42', accountId: '12001', projectId: '15000', anonymizeIP: true, sendFlagDecisions: true,
  experiments: [
    { id: '11', key: 'item-sort', layerId: '111', variations: [{ id: '1111', key: 'price' }] },
    { id: '12', key: 'odd "ids"', layerId: '', variations: [{ id: 'x-1', key: 'é\u2028' }] },
    { id: '13', key: 'of-flag', layerId: '113', variations: [{ id: '1311', key: 'on', featureEnabled: true, variables: [] }] },
  ].map((e) => ({ status: 'Running', audienceIds: [], forcedVariations: {}, trafficAllocation: [{ entityId: e.variations[0].id, endOfRange: 10000 }], ...e })),
  groups: [], audiences: [], typedAudiences: [], rollouts: [],
  featureFlags: [
    { id: 'f1', key: 'sort', rolloutId: '', experimentIds: ['13'], variables: [] },
    { id: 'f2', key: 'empty', rolloutId: '', experimentIds: [], variables: [] },
  ],
  attributes: [{ id: '301', key: 'plan' }, { id: '302', key: 'n' }, { id: '303', key: '$opt_known' }],
  events: [{ id: '401', key: 'item_purchase', experimentIds: [] }],
};

const metadata = (rule_key, rule_type, variation_key, flag_key = '', enabled = true) => ({ flag_key, rule_key, rule_type, variation_key, enabled });
const price = { campaign: '111', experiment: '11', variation: '1111', metadata: metadata('item-sort', 'experiment', 'price') };
const odd = { campaign: '', experiment: '12', variation: 'x-1', metadata: metadata('odd "ids"', 'experiment', 'é\u2028') };
const flag = { campaign: '113', experiment: '13', variation: '1311', metadata: metadata('of-flag', 'feature-test', 'on', 'sort') };
const none = { campaign: '', experiment: '', variation: '', metadata: metadata('', 'rollout', '', 'empty', false) };

const activate = (name, decision, user, attributes, facts) => ({ name, user, attributes, facts, decision, call: (c) => c.activate(decision.metadata.rule_key, user, attributes) });
const decide = (name, decision, user, attributes, facts) => ({ name, user, attributes, facts, decision, call: (c) => c.createUserContext(user, attributes).decide(decision.metadata.flag_key) });
const track = (name, tags, user = 'Matt', attributes, facts) => ({ name, user, attributes, facts, tags: tags && Object.entries(tags), call: (c) => c.track('item_purchase', user, attributes, tags) });

const scenarios = [
  activate('an activation', price, 'Matt'),
  activate('an activation of an experiment without a layer and with ids that are no digits', odd, 'a"\\\n\u0001\ud83d\ude00\ud800', {}),
  activate('attributes of every type', price, 'Matt', {
    plan: 'gold', n: 1.5, unknown: 'x', $opt_user_agent: 'ua', $opt_known: true, $opt_bucketing_id: '', z: null, o: {}, a: [1],
  }),
  ...[0, -0, 1e-7, 2 ** 53, 2 ** 53 + 2, -(2 ** 53) - 2, NaN, Infinity, 0.1 + 0.2, 123456.789e3].map((n) => activate(`the attribute ${n}`, price, 'Matt', { n })),
  activate('bot filtering off', price, 'Matt', { plan: '' }, { botFiltering: false }),
  activate('bot filtering on, no anonymous addresses', price, '', undefined, { botFiltering: true, anonymizeIP: false }),
  activate('a revision that is a number', price, 'Matt', undefined, { revision: 7 }),
  decide('a decision of a flag', flag, 'Matt', { plan: 'gold' }),
  decide('a flag without rules', none, 'Matt'),
  track('a conversion'),
  track('empty tags', {}),
  track('every type of tag', { s: 'x', n: 1.5, t: true, f: false, nul: null, und: undefined, arr: [7, { a: null }], obj: { 'a"': [] }, nan: NaN, inf: -Infinity, big: 1e21, small: 1e-7, zero: -0, 'k\u0007': '\ud800' }),
  ...[1337, '1337', '13.37', ' 42 ', '0x1F', '1e3', '', 'no', -13.9, true, false, [], [7], ['7'], [[7]], [1, 2], [null], [true], {}, '99999999999999999999', 1e300, NaN, Infinity]
    .flatMap((x) => [track(`revenue ${JSON.stringify(x)}`, { revenue: x }), track(`value ${JSON.stringify(x)}`, { value: x, more: 1 })]),
  track('revenue and value', { value: '2.5abc', revenue: 5400, item: 'lamp' }, 'Zoë', { plan: 'gold' }, { botFiltering: true }),
];

const special = (v) => (v === undefined ? { $: 'undefined' } : typeof v === 'number' && !Number.isFinite(v) ? { $num: String(v) } : Object.is(v, -0) ? { $num: '-0' } : v);

async function record({ name, user, attributes, facts, decision, tags, call }) {
  const bodies = [];
  const dispatcher = { dispatchEvent: (e) => (bodies.push(JSON.stringify(e.params)), Promise.resolve({ statusCode: 204 })) };
  const client = sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: JSON.stringify({ ...datafile, ...facts }) }),
    eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
  });
  await client.onReady();
  call(client);
  if (bodies.length !== 1) throw new Error(`${name}: ${bodies.length} events`);
  const body = bodies[0].replace(/"uuid":"[^"]*"/, '"uuid":"u-1"').replace(/"timestamp":\d+/, '"timestamp":1700000000123');
  return { name, user, attributes: Object.entries(attributes ?? {}).map(([k, v]) => [k, special(v)]), facts: facts ?? {}, decision, tags: tags?.map(([k, v]) => [k, special(v)]), body };
}

const cases = [];
for (const scenario of scenarios) cases.push(await record(scenario));
process.stdout.write(`[\n${cases.map((c) => JSON.stringify(c)).join(',\n')}\n]\n`);
