/** The provider under OpenFeature's own SDK. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SortitionWebProvider } from './openfeature.js';
import { Inbox, Storage, hasWebSockets, lend, makeDatafile, mustServe, mustServeFile, openfeature, ours, plain } from './testkit.test.js';

const { ClientProviderEvents, ClientProviderStatus, ErrorCode, OpenFeature } = openfeature;
const us = await ours;
await us.ready;

const off = { id: '4922', key: 'off', featureEnabled: false };

/** A flag with a variable of each type and an experiment, one that is delivered to gold users, and one with nothing. */
const flags = (/** @type {object} */ changes = {}) => makeDatafile({
  featureFlags: [
    { id: '101', key: 'flag', rolloutId: '801', experimentIds: ['3005'], variables: [
      { id: '701', key: 'greeting', type: 'string', defaultValue: 'hello' }, { id: '702', key: 'limit', type: 'integer', defaultValue: '3' },
      { id: '703', key: 'loud', type: 'boolean', defaultValue: 'true' }, { id: '704', key: 'look', type: 'json', defaultValue: '{"colour":"red"}' },
      { id: '705', key: 'none', type: 'json', defaultValue: 'null' },
    ] },
    { id: '102', key: 'gold', rolloutId: '802', experimentIds: [], variables: [] },
    { id: '104', key: 'open', rolloutId: '803', experimentIds: [], variables: [] },
    { id: '103', key: 'bare', rolloutId: '', experimentIds: [], variables: [] },
  ],
  rollouts: [{ id: '801', experiments: [] }, { id: '802', experiments: [
    delivery('3021', 'for-gold', { id: '4921', key: 'on', featureEnabled: true }, ['502']), delivery('3022', 'for-others', off, []),
  ] }, { id: '803', experiments: [delivery('3023', 'for-everyone', { id: '4923', key: 'on', featureEnabled: true }, []),
  ] }],
  typedAudiences: [{ id: '502', name: 'gold', conditions: ['and', { name: 'plan', type: 'custom_attribute', match: 'exact', value: 'gold' }] }],
  attributes: [{ id: '902', key: 'plan' }],
  ...changes,
});

/** @param {string} id @param {string} key @param {typeof off} variation @param {string[]} audienceIds */
function delivery(id, key, variation, audienceIds) {
  return { id, key, status: 'Running', layerId: '802', audienceIds, forcedVariations: {}, variations: [variation], trafficAllocation: [{ entityId: variation.id, endOfRange: 10000 }] };
}

let domains = 0;

/**
 * A provider in a domain of its own.
 * @param {import('node:test').TestContext} t
 * @param {any} options
 * @param {Record<string, any>} [context]
 */
function mustProvide(t, options, context = { targetingKey: 'Matt' }) {
  const domain = `domain ${domains++}`;
  /** @type {Inbox<any>} */
  const events = new Inbox();
  const provider = new SortitionWebProvider(options);
  const client = OpenFeature.getClient(domain);
  const set = OpenFeature.setProviderAndWait(domain, /** @type {any} */ (provider), context);
  set.catch(() => {});
  for (const type of Object.values(ClientProviderEvents)) client.addHandler(type, (details) => events.push({ type, ...details }));
  t.after(() => provider.onClose());
  return { provider, client, events, domain, set };
}

/** A provider of a datafile at hand; it tells `sent` of its events. @param {import('node:test').TestContext} t @param {Record<string, any>} [context] */
async function mustProvideFlags(t, context) {
  /** @type {any[]} */
  const sent = [];
  const provided = mustProvide(t, {
    projectConfigManager: us.createStaticProjectConfigManager({ datafile: flags() }),
    eventProcessor: us.createForwardingEventProcessor({ dispatchEvent: async (/** @type {any} */ { params }) => sent.push(...plain(params.visitors)) }),
  }, context);
  await provided.set;
  return { ...provided, sent };
}

/** Tells of the text that comes from websockets, and of each that was `closed`. @param {import('node:test').TestContext} t */
function watchSockets(t) {
  /** @type {Inbox<string>} */
  const heard = new Inbox();
  class Watched extends WebSocket {
    /** @param {string | URL} url */
    constructor(url) {
      super(url);
      this.addEventListener('message', ({ data }) => heard.push(String(data)));
      this.addEventListener('close', () => heard.push('closed'));
    }
  }
  lend(t, { WebSocket: Watched });
  return heard;
}

test('flags come as booleans, texts, numbers and objects, with reason, variant and metadata', async (t) => {
  const { client } = await mustProvideFlags(t);
  const details = client.getBooleanDetails('flag', false);
  assert.equal(details.value, true);
  assert.equal(details.reason, 'SPLIT');
  assert.equal(details.variant, 'on');
  const { bucket, ...metadata } = /** @type {any} */ (details.flagMetadata);
  assert.deepEqual(metadata, { ruleKey: 'of-a-flag', experimentId: '3005', variationId: '4005', revision: '7' });
  assert.ok(Number.isInteger(bucket) && bucket >= 0 && bucket < 10_000);
  assert.equal(client.getStringValue('flag', ''), 'on');
  assert.equal(client.getNumberValue('flag', 0), 3);
  assert.deepEqual(client.getObjectValue('flag', {}), { greeting: 'hello', limit: 3, loud: true, look: { colour: 'red' }, none: null });
});

test('a variable is named after its flag', async (t) => {
  const { client } = await mustProvideFlags(t);
  assert.equal(client.getStringValue('flag.greeting', ''), 'hello');
  assert.equal(client.getNumberValue('flag.limit', 0), 3);
  assert.equal(client.getBooleanValue('flag.loud', false), true);
  const look = client.getObjectValue('flag.look', {});
  assert.deepEqual(look, { colour: 'red' });
  /** @type {any} */ (look).colour = 'blue';
  assert.deepEqual(client.getObjectValue('flag.look', {}), { colour: 'red' });
  assert.deepEqual(client.getObjectValue('flag.*', {}), client.getObjectValue('flag', {}));
});

test('an experiment that belongs to no flag is a flag', async (t) => {
  const { client } = await mustProvideFlags(t);
  const { value, reason, flagMetadata } = client.getStringDetails('ab', 'none');
  assert.deepEqual([value, reason, flagMetadata], ['b', 'SPLIT', { ruleKey: 'ab', experimentId: '3001', variationId: '4902', revision: '7' }]);
  const paused = client.getStringDetails('paused', 'none');
  assert.deepEqual([paused.value, paused.reason, paused.flagMetadata], ['none', 'DEFAULT', { revision: '7' }]);
  assert.equal(client.getBooleanValue('ab', false), true);
});

test('the reason tells a delivery from a flag that is off and from one that has no rule', async (t) => {
  const { client, domain } = await mustProvideFlags(t, { targetingKey: 'Matt', plan: 'gold' });
  const look = (/** @type {string} */ key) => {
    const { value, reason, variant } = client.getBooleanDetails(key, true);
    return [value, reason, variant];
  };
  assert.deepEqual(look('gold'), [true, 'TARGETING_MATCH', 'on']);
  await OpenFeature.setContext(domain, { targetingKey: 'Matt', plan: 'silver', since: new Date(0), orders: [1, 2] });
  assert.deepEqual(look('gold'), [false, 'DISABLED', 'off']);
  assert.deepEqual(look('open'), [true, 'DEFAULT', 'on']);
  assert.deepEqual(look('bare'), [false, 'DISABLED', undefined]);
  assert.deepEqual(client.getBooleanDetails('bare', true).flagMetadata, { revision: '7' });
  assert.equal(client.getStringValue('bare', 'none'), 'none');
});

test('of a context dates count as text, and lists and objects do not count', async (t) => {
  const ask = (/** @type {string} */ name, /** @type {object} */ more) => ({ name, type: 'custom_attribute', ...more });
  const conditions = ['and', ask('since', { match: 'exact', value: '1970-01-01T00:00:00.000Z' }), ['not', ['or', ask('orders', { match: 'exists' }), ask('home', { match: 'exists' })]]];
  const datafile = flags({ typedAudiences: [{ id: '502', name: 'gold', conditions }] });
  const { client, set } = mustProvide(t, { projectConfigManager: us.createStaticProjectConfigManager({ datafile }) }, {
    targetingKey: 'Matt', since: new Date(0), orders: [1, 2], home: { city: 'Rome' }, age: null,
  });
  await set;
  assert.equal(client.getBooleanDetails('gold', false).reason, 'TARGETING_MATCH');
});

test('a date that is none counts as null, as in JSON, and hides no other attribute', async (t) => {
  const { client, set } = mustProvide(t, { projectConfigManager: us.createStaticProjectConfigManager({ datafile: flags() }) }, { targetingKey: 'Matt', plan: 'gold', since: new Date(NaN) });
  await set;
  const { value, errorMessage } = client.getBooleanDetails('gold', false);
  assert.deepEqual([value, errorMessage], [true, undefined]);
});

test('another context decides at once, without reconciling', async (t) => {
  const { client, events, domain } = await mustProvideFlags(t);
  const changed = OpenFeature.setContext(domain, { targetingKey: 'Matt', plan: 'gold' });
  assert.equal(client.getBooleanValue('gold', false), true);
  await changed;
  await events.first(({ type }) => type === ClientProviderEvents.ContextChanged);
  assert.deepEqual(events.items.filter(({ type }) => type === ClientProviderEvents.Reconciling), []);
});

test('what cannot be answered is the default, with a code and a sentence, and hooks hear of it', async (t) => {
  const { client, domain } = await mustProvideFlags(t);
  /** @type {string[]} */
  const heard = [];
  client.addHooks({ after: ({ flagKey }) => void heard.push(`after ${flagKey}`), error: ({ flagKey }) => void heard.push(`error ${flagKey}`) });
  /** @type {[import('@openfeature/web-sdk').EvaluationDetails<any>, string, RegExp][]} */
  const wrong = [
    [client.getBooleanDetails('nothing', true), ErrorCode.FLAG_NOT_FOUND, /no flag nothing/],
    [client.getStringDetails('flag.nothing', 'x'), ErrorCode.FLAG_NOT_FOUND, /flag has no variable nothing/],
    [client.getObjectDetails('flag.__proto__', { is: 'x' }), ErrorCode.FLAG_NOT_FOUND, /flag has no variable __proto__/],
    [client.getObjectDetails('flag.none', { is: 'y' }), ErrorCode.TYPE_MISMATCH, /flag\.none has no object/],
    [client.getStringDetails('flag.limit', 'x'), ErrorCode.TYPE_MISMATCH, /flag\.limit has no string/],
    [client.getNumberDetails('bare', 7), ErrorCode.TYPE_MISMATCH, /bare has no number of its own: name one of its variables/],
  ];
  await OpenFeature.setContext(domain, { plan: 'gold' });
  wrong.push([client.getBooleanDetails('flag', true), ErrorCode.TARGETING_KEY_MISSING, /needs a targetingKey/]);
  await OpenFeature.setContext(domain, { targetingKey: String(undefined) });
  wrong.push([client.getBooleanDetails('flag', true), ErrorCode.INVALID_CONTEXT, /the text undefined/]);
  client.track('purchase');
  for (const [details, code, message] of wrong) {
    assert.equal(details.errorCode, code);
    assert.match(details.errorMessage ?? '', message);
    assert.equal(details.reason, 'ERROR');
  }
  assert.deepEqual(wrong.map(([{ value }]) => value), [true, 'x', { is: 'x' }, { is: 'y' }, 'x', 7, true, true]);
  assert.deepEqual(heard, ['error nothing', 'error flag.nothing', 'error flag.__proto__', 'error flag.none', 'error flag.limit', 'error bare', 'error flag', 'error flag']);
});

test('a flag is told of once for each visitor, however often it is asked for', async (t) => {
  const { client, domain, sent } = await mustProvideFlags(t);
  for (let i = 0; i < 3; i++) client.getBooleanValue('flag', false), client.getNumberValue('flag.limit', 0);
  await OpenFeature.setContext(domain, { targetingKey: 'Jo' });
  client.getBooleanValue('flag', false);
  assert.deepEqual(sent.map(({ visitor_id }) => visitor_id), ['Matt', 'Jo']);
  assert.equal(sent[0].snapshots[0].decisions[0].variation_id, '4005');
});

test('fifty contexts are remembered at most: whoever comes back after them is decided anew', async (t) => {
  const { provider, sent } = await mustProvideFlags(t);
  const told = (/** @type {string} */ targetingKey) => {
    provider.resolveBooleanEvaluation('flag', false, { targetingKey });
    return sent.filter(({ visitor_id }) => visitor_id === targetingKey).length;
  };
  for (let i = 0; i < 50; i++) told(`visitor ${i}`);
  assert.equal(told('visitor 0'), 1);
  told('one more');
  assert.equal(told('visitor 0'), 2);
});

test('what is tracked is a conversion, with value and revenue', async (t) => {
  const { client, domain, sent } = await mustProvideFlags(t);
  client.track('purchase', { value: 9.5, revenue: 5400, colour: 'red' });
  client.track('unknown event');
  await OpenFeature.setContext(domain, {});
  client.track('purchase');
  const [{ value, revenue, tags }] = sent[0].snapshots[0].events;
  assert.deepEqual([sent.length, sent[0].visitor_id, value, revenue, tags], [1, 'Matt', 9.5, 5400, { value: 9.5, revenue: 5400, colour: 'red' }]);
});

test('want of an sdkKey is told at once', () => {
  assert.throws(() => new SortitionWebProvider(/** @type {any} */ ({})), /needs an sdkKey, or a projectConfigManager/);
});

test('what can never become ready is fatal, and says what to change', async (t) => {
  const url = await mustServe(t, (_, response) => {
    response.statusCode = 404;
    response.end();
  });
  const fatal = {
    'no engine': { options: { wasm: url, projectConfigManager: us.createStaticProjectConfigManager({ datafile: flags() }) }, message: /answered 404. Is engine.wasm there/ },
    'no datafile': { options: { projectConfigManager: us.createStaticProjectConfigManager({ datafile: '{}' }) }, message: /invalid datafile/ },
  };
  for (const [name, { options, message }] of Object.entries(fatal)) {
    const { client, set } = mustProvide(t, options);
    assert.equal(client.getBooleanDetails('flag', true).errorCode, ErrorCode.PROVIDER_NOT_READY, name);
    await assert.rejects(set, message, name);
    assert.equal(client.providerStatus, ClientProviderStatus.FATAL, name);
    assert.equal(client.getBooleanDetails('flag', true).errorCode, ErrorCode.PROVIDER_FATAL, name);
  }
});

test('a datafile that is late is an error, until it is there', async (t) => {
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  const url = await mustServe(t, async (_, response) => {
    await released;
    response.end(flags());
  });
  const projectConfigManager = us.createPollingProjectConfigManager({ sdkKey: 'test', urlTemplate: `${url}/%s.json` });
  const { client, events, set } = mustProvide(t, { projectConfigManager, readyTimeout: 50 });
  await assert.rejects(set, /timeout expired after 50 ms/);
  assert.equal(client.providerStatus, ClientProviderStatus.ERROR);
  assert.equal(client.getBooleanDetails('flag', false).errorCode, ErrorCode.PROVIDER_NOT_READY);
  release();
  await events.first(({ type }) => type === ClientProviderEvents.Ready);
  assert.equal(client.getBooleanValue('flag', false), true);
});

if (hasWebSockets(import.meta.url)) {
  test('a new datafile is announced with the flags it changed', async (t) => {
    const relay = await mustServeFile(t, flags());
    const { client, events, set } = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test' });
    await set;
    assert.equal(client.getBooleanValue('gold', true), false);
    relay.write(flags({ revision: '8', typedAudiences: [{ id: '502', name: 'gold', conditions: ['or', { name: 'plan', type: 'custom_attribute', match: 'exists' }, ['not', { name: 'plan', type: 'custom_attribute', match: 'exists' }]] }] }));
    const { flagsChanged, message } = await events.first(({ type }) => type === ClientProviderEvents.ConfigurationChanged);
    assert.deepEqual([flagsChanged, message], [['gold'], 'Revision 8 of the datafile decides.']);
    assert.equal(client.getBooleanValue('gold', false), true);
    assert.equal(client.providerStatus, ClientProviderStatus.READY);
    assert.equal(events.items.filter(({ type }) => type === ClientProviderEvents.Ready).length, 1);
  });

  test('a relay that is back in time was never missed', async (t) => {
    const staleAfter = 123_456;
    const relay = await mustServeFile(t, flags());
    const { client, set } = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test', staleAfter });
    await set;
    /** @type {Inbox<string>} */
    const heard = new Inbox();
    const { setTimeout, clearTimeout } = globalThis;
    /** @type {unknown} */
    let patience;
    lend(t, {
      setTimeout: (/** @type {() => void} */ call, /** @type {number} */ ms) => {
        const timer = setTimeout(call, ms);
        if (ms === staleAfter) heard.push('gone'), (patience = timer);
        return timer;
      },
      clearTimeout: (/** @type {any} */ timer) => {
        if (timer && timer === patience) heard.push('back');
        clearTimeout(timer);
      },
    });
    await relay.stop();
    await heard.first((what) => what === 'gone');
    await relay.restart();
    await heard.first((what) => what === 'back');
    assert.deepEqual([client.getBooleanDetails('flag', false).reason, client.providerStatus], ['SPLIT', ClientProviderStatus.READY]);
  });

  test('without its relay it becomes stale but still decides, and is ready when the relay is back', async (t) => {
    const relay = await mustServeFile(t, flags());
    const { client, events, set } = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test', staleAfter: 20 });
    await set;
    /** @type {string[]} */
    const heard = []; // by who asks again at once
    for (const type of [ClientProviderEvents.Ready, ClientProviderEvents.Stale]) {
      client.addHandler(type, () => heard.push(`${type} ${client.getBooleanDetails('flag', false).reason}`));
    }
    await relay.stop();
    await events.first(({ type }) => type === ClientProviderEvents.Stale);
    const { value, reason } = client.getBooleanDetails('flag', false);
    assert.deepEqual([value, reason, client.providerStatus], [true, 'STALE', ClientProviderStatus.STALE]);
    events.items = [];
    await relay.restart();
    await events.first(({ type }) => type === ClientProviderEvents.Ready);
    assert.equal(client.getBooleanDetails('flag', false).reason, 'SPLIT');
    assert.deepEqual(heard, ['PROVIDER_READY SPLIT', 'PROVIDER_STALE STALE', 'PROVIDER_READY SPLIT']);
  });

  test('a newest datafile that is no good makes it stale at once', async (t) => {
    const relay = await mustServeFile(t, flags());
    const { client, events, set } = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test' });
    await set;
    relay.write('{"version":"9"}');
    const { message } = await events.first(({ type }) => type === ClientProviderEvents.Stale);
    assert.match(message, /version "9" is not supported/);
    assert.equal(client.getBooleanValue('flag', false), true);
  });

  test('the status is stale though the relay told of a newest datafile that is no good before the engine was there', async (t) => {
    lend(t, { localStorage: new Storage() });
    const relay = await mustServeFile(t, flags());
    const first = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test' });
    await first.set;
    relay.write('{"version":"9"}');
    await first.events.first(({ type }) => type === ClientProviderEvents.Stale);
    await first.provider.onClose();
    const messages = watchSockets(t);
    /** @type {(engine: Uint8Array) => void} */
    let release = () => {};
    const wasm = new Promise((resolve) => (release = resolve));
    const next = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test', wasm });
    await messages.first((message) => message.includes('"problem"'));
    release(readFileSync(new URL('engine/engine.wasm', import.meta.url)));
    await next.set;
    await next.events.first(({ type }) => type === ClientProviderEvents.Stale);
    assert.equal(next.client.providerStatus, ClientProviderStatus.STALE);
  });

  test('a provider that another replaced may come back, and decides by what the relay has by then', async (t) => {
    const relay = await mustServeFile(t, flags());
    const { provider, client, domain, set } = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test' });
    await set;
    assert.equal(client.getBooleanDetails('flag', false).flagMetadata.revision, '7');
    await OpenFeature.setProviderAndWait(domain, OpenFeature.getProvider('no such domain'));
    assert.equal(provider.resolveBooleanEvaluation('flag', false, { targetingKey: 'Matt' }).errorCode, ErrorCode.PROVIDER_NOT_READY);
    relay.write(flags({ revision: '8' }));
    while ((await (await fetch(`${relay.url}/datafiles/test.json`)).json()).revision !== '8');
    await OpenFeature.setProviderAndWait(domain, /** @type {any} */ (provider));
    const { value, reason, flagMetadata } = client.getBooleanDetails('flag', false);
    assert.deepEqual([value, reason, flagMetadata.revision], [true, 'SPLIT', '8']);
  });

  test('the last visit decides while the relay is away, and says so', async (t) => {
    lend(t, { localStorage: new Storage() });
    const relay = await mustServeFile(t, flags());
    const first = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test' });
    await first.set;
    await first.provider.onClose();
    await relay.stop();
    const next = mustProvide(t, { relayUrl: relay.url, sdkKey: 'test' });
    await next.set;
    assert.equal(next.client.getBooleanDetails('flag', false).reason, 'CACHED');
  });

  test('an unknown sdkKey is fatal, and a provider that is replaced lets go of its relay', async (t) => {
    const relay = await mustServeFile(t, flags());
    const { set, domain } = mustProvide(t, { relayUrl: relay.url, sdkKey: 'nobody' });
    await assert.rejects(set, /no project with the sdkKey nobody/);
    const heard = watchSockets(t);
    await OpenFeature.setProviderAndWait(domain, /** @type {any} */ (new SortitionWebProvider({ relayUrl: relay.url, sdkKey: 'test' })));
    await OpenFeature.setProviderAndWait(domain, OpenFeature.getProvider('no such domain'));
    await heard.first((what) => what === 'closed');
  });
}
