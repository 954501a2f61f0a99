/** Every call made on the official SDK and on ours, side by side: the answers, and all that listeners hear, are the same. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeDatafile, official, ours, plain, recorder } from './testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

/** @typedef {[method: string, ...args: any[]]} Call */

/**
 * Makes the calls on a client of the SDK.
 * @param {any} sdk
 * @param {string} datafile
 * @param {Call[]} calls
 * @param {{processor?: boolean}} [options]
 */
async function run(sdk, datafile, calls, { processor = true } = {}) {
  const { log, errorNotifier, dispatcher, listen } = recorder(sdk);
  const client = sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }),
    ...(processor && { eventProcessor: sdk.createForwardingEventProcessor(dispatcher) }),
    errorNotifier,
  });
  listen(client);
  for (const [method, ...args] of calls) {
    const copies = args.map((arg) => (typeof arg === 'object' && arg !== null && !Array.isArray(arg) ? { ...arg } : arg));
    log.push(['call', method, answerOf(() => client[method](...copies)), plain(copies)]);
  }
  await client.close().catch(() => {});
  return log;
}

/** @param {() => unknown} call */
function answerOf(call) {
  try {
    const answer = call();
    return answer === undefined ? 'undefined' : plain(answer);
  } catch (error) {
    return `throws ${error}`;
  }
}

/** Decisions as JSON, of their users the ids alone. @param {unknown} decisions */
function told(decisions) {
  return JSON.stringify(decisions, (key, value) => (key === 'userContext' ? value.getUserId() : value));
}

/**
 * @param {string} datafile
 * @param {Call[]} calls
 * @param {{processor?: boolean}} [options]
 */
async function sameAnswers(datafile, calls, options) {
  assert.deepEqual(await run(us, datafile, calls, options), await run(them, datafile, calls, options));
}

const keys = ['ab', 'only-us', 'paused', 'without-layer', 'of-a-flag', 'empty', 'grouped', 'delivery', 'nobody-knows-it'];
const users = ['Matt', 'Jo', '', 'u1', 'u2', 'ünïcode', '漢字', '😀'];
const attributes = [undefined, null, {}, { country: 'us', unknown: 1, $opt_own: 'z', empty: null }, { $opt_bucketing_id: 'other', country: 'de' }];

test('experiments are activated as by the official SDK', async () => {
  const calls = keys.flatMap((key) => users.flatMap((user) => attributes.map((attrs) => /** @type {Call} */ (['activate', key, user, attrs]))));
  await sameAnswers(makeDatafile(), calls);
});

test('variations are got as by the official SDK, with nothing sent', async () => {
  const calls = keys.flatMap((key) => users.flatMap((user) => attributes.map((attrs) => /** @type {Call} */ (['getVariation', key, user, attrs]))));
  await sameAnswers(makeDatafile(), calls);
});

test('conversions are tracked as by the official SDK', async () => {
  const tags = [
    undefined, null, {}, { a: null, b: undefined, c: 3 }, { revenue: '12abc', value: '3.5x', nested: { p: [1] } }, { revenue: 1299, value: 12.99 },
    { revenue: true, value: [4] }, { revenue: 'none', value: Infinity }, { 'quoted "key"\n': '😀' },
  ];
  await sameAnswers(makeDatafile(), tags.flatMap((tag) => attributes.map((attrs) => /** @type {Call} */ (['track', 'purchase', 'u1', attrs, tag]))));
});

const wrong = /** @type {Call[]} */ ([
  ['', 'u'], [null, 'u'], [5, 'u'], ['ab', 5], ['ab', null], ['ab', undefined], ['ab', 'undefined'], ['ab', 'u', [1]], ['ab', 'u', 'text'],
  ['ab', 'u', () => 1], ['ab', 'u', 7], ['ab', 'u', 0], ['ab', 'u', ''], ['ab', 'u', { a: undefined }], ['', 4, [1]], [],
]);

test('wrong input is reported and answered as by the official SDK', async () => {
  await sameAnswers(makeDatafile(), wrong.flatMap((args) => /** @type {Call[]} */ ([['activate', ...args], ['getVariation', ...args]])));
});

test('wrong input to track is reported and sends nothing', async () => {
  const events = wrong.map((args) => args.map((arg) => (/** @type {any} */ (arg) === 'ab' ? 'purchase' : arg)));
  const badTags = [[1], 'text', 7, () => 1].map((tags) => ['purchase', 'u', {}, tags]);
  const bothBad = [['purchase', 'u', { a: undefined }, [1]], ['purchase', 'u', { a: undefined }, { b: null }], ['unknown', 'u', { a: undefined }], ['unknown', 'u', {}, { b: null }]];
  await sameAnswers(makeDatafile(), [...events, ...badTags, ...bothBad, ['unknown', 'u']].map((args) => /** @type {Call} */ (['track', ...args])));
});

test('wrong input to the calls on flags is reported and answered as by the official SDK, the first mistake alone', async () => {
  const badUsers = [['u'], [5], ['undefined'], []];
  const badAttributes = [[], [{}], [null], [[1]], ['text'], [{ a: undefined }], [{ a: undefined, country: 'us' }]];
  const visitors = badUsers.flatMap((user) => badAttributes.map((attrs) => [...user, ...attrs]));
  const flagKeys = ['flag', 'unknown', '', null, 7, undefined];
  const calls = flagKeys.flatMap((flag) => visitors.flatMap((visitor) => [
    ['isFeatureEnabled', flag, ...visitor], ['getAllFeatureVariables', flag, ...visitor],
    ...['greeting', 'unknown', '', null].flatMap((key) => [['getFeatureVariable', flag, key, ...visitor], ['getFeatureVariableString', flag, key, ...visitor]]),
    ['getFeatureVariableBoolean', flag, 'greeting', ...visitor],
  ]));
  await sameAnswers(makeDatafile(), [...calls, ...visitors.map((visitor) => ['getEnabledFeatures', ...visitor])].map((call) => /** @type {Call} */ (call)));
});

test('variations are forced, forced anew and no longer, as by the official SDK', async () => {
  const forced = /** @type {[string, string | null][]} */ ([
    ['Matt', 'a'], ['Jo', 'b'], ['Matt', 'a'], ['Matt', 'b'], ['Matt', null], ['Matt', null], ['nobody', null], ['Jo', null], ['Jo', 'a'],
  ]);
  const looks = ['Matt', 'Jo', 'nobody'].flatMap((user) => [['getForcedVariation', 'ab', user], ['getVariation', 'ab', user]]);
  const calls = forced.flatMap(([user, key]) => [['setForcedVariation', 'ab', user, key], ...looks]);
  await sameAnswers(makeDatafile(), calls.map((call) => /** @type {Call} */ (call)));
});

test('without an event processor experiments are decided and nothing is sent', async () => {
  await sameAnswers(makeDatafile(), [['activate', 'ab', 'u1'], ['track', 'purchase', 'u1'], ['track', '', 5]], { processor: false });
});

test('the host of a European project is the European one, and privacy settings travel', async () => {
  for (const changes of [{ region: 'EU' }, { region: 'eu' }, { anonymizeIP: false, botFiltering: false }, { anonymizeIP: undefined, botFiltering: undefined }]) {
    await sameAnswers(makeDatafile(changes), [['activate', 'ab', 'u1'], ['track', 'purchase', 'u1']]);
  }
});

const golden = JSON.parse(readFileSync(new URL('../../wasm/engine/enginetest/testdata/vectors.json', import.meta.url), 'utf8')).decisions.cases;
const ofFlags = 'feature rollout type fr: everyone-else variation injected'; // needs rollouts
test('the golden datafiles get the official answers for every experiment in them', async () => {
  await sameGolden(golden.filter((/** @type {any} */ { name }) => name !== ofFlags));
});

test("an impression names no variation of another experiment's", async () => {
  await sameAnswers(makeDatafile(), [['activate', 'crossed', 'u1']]);
});

/** @param {any[]} cases */
async function sameGolden(cases) {
  assert.notEqual(cases.length, 0);
  for (const { name, datafile, user_id: user, attributes: attrs } of cases) {
    const found = [...datafile.experiments, ...(datafile.groups ?? []).flatMap((/** @type {any} */ group) => group.experiments)];
    const text = JSON.stringify(datafile);
    const calls = found.flatMap(({ key }) => /** @type {Call[]} */ ([['getVariation', key, user, attrs], ['activate', key, user, attrs]]));
    assert.deepEqual(await run(us, text, calls), await run(them, text, calls), name);
  }
}

test('user contexts keep a copy of their attributes and track', async () => {
  for (const sdk of [us, them]) {
    const { log, dispatcher } = recorder(sdk);
    const client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }),
      eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
    });
    const given = { country: 'us' };
    const user = client.createUserContext('u1', given);
    user.setAttribute('plan', 'gold');
    assert.deepEqual([user.getUserId(), user.getAttributes(), given], ['u1', { country: 'us', plan: 'gold' }, { country: 'us' }]);
    assert.deepEqual([user.qualifiedSegments, user.isQualifiedFor('s')], [null, false]);
    user.qualifiedSegments = ['s'];
    assert.equal(user.isQualifiedFor('s'), true);
    assert.equal(await client.createUserContext('u1').fetchQualifiedSegments(), false);
    user.trackEvent('purchase', { revenue: 5 });
    assert.equal(log[0][1].params.visitors[0].attributes[0].value, 'us');
    for (const [args, message] of [[[5], 'Invalid identifier'], [['undefined'], 'Invalid identifier'], [['u', [1]], 'Invalid attributes'], [['u', { a: undefined }], 'Invalid attributes']]) {
      assert.throws(() => client.createUserContext(.../** @type {any[]} */ (args)), { message });
    }
    await client.close();
  }
});

test('an attribute without a value is reported of a new context, with a datafile and without', async () => {
  for (const datafile of [makeDatafile(), '{}']) {
    const reports = await Promise.all([us, them].map(async (sdk) => {
      /** @type {string[]} */
      const errors = [];
      const client = sdk.createInstance({
        projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }),
        errorNotifier: sdk.createErrorNotifier({ handleError: (/** @type {Error} */ error) => errors.push(error.message) }),
      });
      if (datafile !== '{}') await client.onReady();
      errors.length = 0;
      for (const attributes of [{ country: 'us', a: undefined }, ['a'], 'a', { a: undefined, b: undefined }]) {
        assert.throws(() => client.createUserContext('u', attributes), { message: 'Invalid attributes' });
      }
      assert.ok(client.createUserContext('u', { country: null, a: [undefined] }).setAttribute);
      client.close();
      return errors.filter((message) => /attribute/.test(message)); // others tell of the datafile
    }));
    assert.deepEqual(reports[0], reports[1]);
    assert.ok(reports[0].length >= 4);
  }
});

test('before it is ready a client answers as the official one does', async () => {
  const logs = await Promise.all([us, them].map(async (sdk) => {
    const { log, errorNotifier, dispatcher } = recorder(sdk);
    const client = sdk.createInstance({
      projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'k', urlTemplate: 'http://127.0.0.1:9/%s.json' }),
      eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
      errorNotifier,
    });
    const calls = [
      ['activate', 'ab', 'u'], ['activate', '', 5], ['getVariation', 'ab', 'u'], ['track', 'purchase', 'u'], ['track', '', 5],
      ['isFeatureEnabled', 'flag', 'u'], ['getEnabledFeatures', 'u'], ['getFeatureVariable', 'flag', 'greeting', 'u'], ['getAllFeatureVariables', 'flag', 'u'],
      ['setForcedVariation', 'ab', 'u', 'a'], ['getForcedVariation', 'ab', 'u'], ['getOptimizelyConfig'],
      ['getVuid'], ['isOdpIntegrated'], ['sendOdpEvent', 'a'],
    ];
    for (const [method, ...args] of calls) log.push([method, answerOf(() => client[method](...args))]);
    const user = client.createUserContext('u');
    for (const [method, ...args] of /** @type {Call[]} */ ([['decide', 'flag'], ['decideForKeys', ['flag']], ['decideAll']])) {
      for (const answer of [user[method](...args), await user[`${method}Async`](...args)]) {
        log.push([method, told(answer)]);
      }
    }
    client.close();
    return log;
  }));
  assert.deepEqual(logs[0], logs[1]);
});

test('user contexts decide with every set of options as by the official SDK', async () => {
  const flags = [['on', '801', []], ['off', '', ['3001']], ['empty', '', []]].map(([key, rolloutId, experimentIds], i) => ({
    id: `10${i}`, key, rolloutId, experimentIds, variables: [{ id: '701', key: 'greeting', type: 'string', defaultValue: 'hello' }],
  }));
  const names = ['DISABLE_DECISION_EVENT', 'ENABLED_FLAGS_ONLY', 'IGNORE_USER_PROFILE_SERVICE', 'INCLUDE_REASONS', 'EXCLUDE_VARIABLES'];
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_, i) => bits & 2 ** i));
  const logs = await Promise.all([us, them].map(async (sdk) => {
    const { log, dispatcher, listen } = recorder(sdk);
    const client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile({ featureFlags: flags }) }),
      eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
    });
    listen(client);
    const user = client.createUserContext('Matt'); // whom the flag "off" gives a variation that is off
    for (const options of sets) {
      for (const [method, ...args] of /** @type {Call[]} */ ([['decide', 'off'], ['decideForKeys', ['off', 'on', 'off']], ['decideAll']])) {
        for (const answer of [user[method](...args, options), await user[`${method}Async`](...args, options)]) log.push([method, ...options, told(answer)]);
      }
    }
    await client.close();
    return log;
  }));
  assert.deepEqual(logs[0], logs[1]);
});

test('a datafile that is an object, as version 5 took it, is refused with what it must be', async () => {
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile: /** @type {any} */ (JSON.parse(makeDatafile())) }) });
  await assert.rejects(client.onReady(), ({ cause }) => /is the text of a JSON object, not the object itself/.test(cause.message));
});

test('a client that has its datafile decides at once, and is ready', async () => {
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
  assert.equal(client.activate('ab', 'Matt'), 'b');
  assert.equal(await client.onReady(), undefined);
  await client.close();
  assert.equal(client.activate('ab', 'Matt'), 'b', 'a closed client still decides, as the official one does');
});

test('a validator is shown the datafile, and refuses it by throwing, as by the official SDK', async () => {
  for (const sdk of [us, them]) {
    /** @type {any[]} */
    const seen = [];
    const makeClient = (/** @type {(datafile: any) => boolean} */ jsonSchemaValidator) => sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile(), jsonSchemaValidator }),
    });
    const taken = makeClient((datafile) => seen.push(datafile.revision) === 0); // false, which does not matter
    assert.equal(await taken.onReady({ timeout: 1000 }), undefined);
    assert.deepEqual([seen, taken.getVariation('ab', 'Matt')], [['7'], 'b']);
    const refused = makeClient(() => {
      throw new Error('no');
    });
    await assert.rejects(refused.onReady({ timeout: 1000 }), { message: 'got invalid datafile' });
    assert.equal(refused.getVariation('ab', 'Matt'), null);
    for (const client of [taken, refused]) client.close().catch(() => {});
  }
});

test('a first datafile without a revision leaves a client ready and without a datafile, as the official one', async () => {
  for (const sdk of [us, them]) {
    const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile({ revision: undefined }) }) });
    assert.equal(await client.onReady({ timeout: 1000 }), undefined);
    assert.deepEqual([client.getVariation('ab', 'Matt'), client.getOptimizelyConfig()], [null, null]);
    client.close();
  }
});

test('onReady says why a client will not be ready', async () => {
  const cases = /** @type {const} */ ([['{}', 'got invalid datafile'], ['{bad', 'got invalid datafile'], ['', 'sdkKey or datafile must be provided']]);
  for (const [datafile, message] of cases) {
    for (const sdk of [us, them]) {
      const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }) });
      await assert.rejects(client.onReady({ timeout: 50 }), { message });
    }
  }
  for (const sdk of [us, them]) {
    const client = sdk.createInstance({ projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'k', urlTemplate: 'http://127.0.0.1:9/%s' }) });
    await assert.rejects(client.onReady({ timeout: 5 }), { message: 'onReady timeout expired after 5 ms' });
    const pending = assert.rejects(client.onReady({ timeout: 50 }), { message: 'Client stopped before running' });
    client.close();
    await pending;
  }
});

for (const [name, sdk] of /** @type {const} */ ([['ours', us], ['the official SDK', them]])) {
  test(`${name}: onReady waits for half a minute where it is given no finite number`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const client = sdk.createInstance({ projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'k', urlTemplate: 'http://127.0.0.1:9/%s' }) });
    const waits = [undefined, null, {}, ...[undefined, null, '5', NaN, Infinity].map((timeout) => ({ timeout }))].map((options) => client.onReady(options));
    t.mock.timers.tick(30_000);
    for (const wait of waits) await assert.rejects(wait, { message: 'onReady timeout expired after 30000 ms' });
    client.close();
  });
}

test('factories refuse what is no good with the official words', () => {
  /** @type {((sdk: any) => unknown)[]} */
  const mistakes = [
    (sdk) => sdk.createInstance({}),
    (sdk) => sdk.createInstance({ projectConfigManager: {} }),
    (sdk) => sdk.createForwardingEventProcessor({}),
    (sdk) => sdk.createBatchEventProcessor({ eventDispatcher: {} }),
    (sdk) => sdk.createBatchEventProcessor({ closingEventDispatcher: {} }),
    (sdk) => sdk.createPollingProjectConfigManager({ sdkKey: 'k', cache: {} }),
    (sdk) => sdk.createLogger({}),
    (sdk) => sdk.createLogger({ level: 3 }),
    (sdk) => sdk.createLogger({ level: sdk.INFO, logHandler: {} }),
    (sdk) => sdk.createErrorNotifier(),
    (sdk) => sdk.createErrorNotifier({}),
    (sdk) => sdk.createOdpManager({ segmentsCache: {} }),
  ];
  for (const mistake of mistakes) assert.equal(answerOf(() => mistake(us)), answerOf(() => mistake(them)));
});

test('factories take what the official ones take, though it be nothing', () => {
  /** @type {((sdk: any) => unknown)[]} */
  const calls = [
    (sdk) => sdk.createPollingProjectConfigManager(),
    (sdk) => sdk.createPollingProjectConfigManager(null),
    (sdk) => sdk.createBatchEventProcessor(),
    (sdk) => sdk.createBatchEventProcessor({ eventDispatcher: false, closingEventDispatcher: false }),
    (sdk) => sdk.createForwardingEventProcessor(),
    (sdk) => sdk.createOdpManager(),
    (sdk) => sdk.createVuidManager(),
  ];
  for (const call of calls) for (const sdk of [us, them]) assert.doesNotThrow(() => call(sdk), String(call));
});

test('a client of nothing lacks a config manager, whose error says so', () => {
  for (const config of /** @type {any[]} */ ([undefined, null, {}])) assert.throws(() => us.createInstance(config), { message: 'Invalid config manager' });
});

test('every name of the official package is here, with the same constants', () => {
  for (const name of Object.keys(them)) {
    assert.equal(typeof us[name], typeof them[name], name);
    if (/^(NOTIFICATION_TYPES|DECISION_|Optimizely|clientEngine)/.test(name)) assert.deepEqual({ ...us[name] }, { ...them[name] }, name);
  }
});

test('events name the client by its version, or as the application wants', async () => {
  const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
  const cases = /** @type {const} */ ([
    [{}, ['node-sdk', version]], [{ clientEngine: '', clientVersion: null }, ['node-sdk', version]], [{ clientEngine: 'kiosk', clientVersion: '9' }, ['kiosk', '9']],
  ]);
  for (const [config, names] of cases) {
    /** @type {any[]} */
    const sent = [];
    const client = us.createInstance({
      projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }),
      eventProcessor: us.createForwardingEventProcessor({ dispatchEvent: async (/** @type {any} */ { params }) => sent.push(params) }),
      ...config,
    });
    client.track('purchase', 'u');
    await client.close();
    assert.deepEqual([sent[0].client_name, sent[0].client_version], names);
  }
});

test('listeners are numbered, removed and cleared as officially', () => {
  const logs = [us, them].map((sdk) => {
    const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
    const { notificationCenter: center } = client;
    const { TRACK, DECISION } = sdk.NOTIFICATION_TYPES;
    /** @type {unknown[]} */
    const log = [];
    const listener = () => log.push('heard');
    log.push(center.addNotificationListener(TRACK, listener), center.addNotificationListener(DECISION, listener), center.addNotificationListener(DECISION, listener));
    log.push(center.addNotificationListener('no such type', listener));
    client.getVariation('ab', 'u');
    log.push(center.removeNotificationListener(2), center.removeNotificationListener(2), center.removeNotificationListener(99));
    client.getVariation('ab', 'u');
    center.clearNotificationListeners(DECISION);
    client.getVariation('ab', 'u');
    center.clearAllNotificationListeners();
    log.push(center.removeNotificationListener(1));
    client.close();
    return log;
  });
  assert.deepEqual(logs[0], logs[1]);
});

test('a listener that throws is reported and keeps no other from hearing', async () => {
  const logs = await Promise.all([us, them].map(async (sdk) => {
    const { log, errorNotifier } = recorder(sdk);
    const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }), errorNotifier });
    client.notificationCenter.addNotificationListener('DECISION', () => {
      throw new Error('oops');
    });
    client.notificationCenter.addNotificationListener('DECISION', () => log.push('heard'));
    log.push(client.getVariation('ab', 'Matt'));
    await client.close();
    return log;
  }));
  assert.deepEqual(logs[0], logs[1]);
});

test('a dispatcher that throws is reported, and the call answers as officially', async () => {
  const logs = await Promise.all([us, them].map(async (sdk) => {
    const { log, errorNotifier, listen } = recorder(sdk);
    const dispatcher = { dispatchEvent: () => { throw new Error('no network'); } };
    const client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }), errorNotifier,
      eventProcessor: sdk.createForwardingEventProcessor(dispatcher),
    });
    listen(client);
    log.push(client.activate('ab', 'Matt'), client.track('purchase', 'Matt') ?? 'undefined');
    await client.close();
    return log;
  }));
  assert.deepEqual(logs[0], logs[1]);
});

test('log lines go to the handler from their level on, named and filled in', () => {
  /** @type {unknown[]} */
  const lines = [];
  const logger = us.createLogger({ level: us.WARN, logHandler: { log: (/** @type {number} */ level, /** @type {string} */ line) => lines.push([level, line]) } });
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }), logger });
  client.getVariation('', 'u');
  client.close();
  assert.deepEqual(lines, [[us.LogLevel.Error, 'Optimizely: Provided experiment_key is in an invalid format.']]);
});

test('many users at once get what each of them gets alone, whatever is forced or wrong', async () => {
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
  await client.onReady();
  const check = () => {
    for (const key of keys) {
      for (const attrs of attributes) {
        assert.deepEqual(client.getVariations(key, users, attrs), users.map((user) => client.getVariation(key, user, attrs)), key);
      }
    }
  };
  check();
  for (const key of keys) client.setForcedVariation(key, 'Matt', 'b');
  check();
  assert.deepEqual(client.getVariations(keys[0], ['Matt', /** @type {any} */ (5)]), [null, null]);
  await client.close().catch(() => {});
});
