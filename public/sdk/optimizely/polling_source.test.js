import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, lend, makeDatafile, mustServe, official, ours } from '../testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

/**
 * The official client's onReady holds the process until its timeout, so it is short here.
 */
const PATIENCE = { timeout: 3000 };

/**
 * Serves answers in turn, the last one for ever.
 * @param {import('node:test').TestContext} t
 * @param {(string | number | ((request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void))[]} answers bodies or statuses
 */
async function mustServeInTurn(t, answers) {
  /** @type {Inbox<{url?: string, headers: import('node:http').IncomingHttpHeaders}>} */
  const requests = new Inbox();
  const url = await mustServe(t, (request, response) => {
    const answer = answers[Math.min(requests.items.length, answers.length - 1)];
    if (typeof answer === 'function') answer(request, response);
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(200, { 'last-modified': `answer ${requests.items.length + 1}` }).end(answer);
    requests.push({ url: request.url, headers: request.headers });
  });
  return { urlTemplate: `${url}/datafiles/%s.json`, requests };
}

/**
 * A client whose every word is kept.
 * @param {import('node:test').TestContext} t closes it
 * @param {any} sdk
 * @param {Record<string, unknown>} options
 * @param {Record<string, unknown>} [config]
 */
function makeClient(t, sdk, options, config) {
  const updates = new Inbox();
  const errors = new Inbox();
  const client = sdk.createInstance({
    projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'test', updateInterval: 20, ...options }),
    errorNotifier: sdk.createErrorNotifier({ handleError: (/** @type {Error} */ error) => errors.push(error.message) }),
    ...config,
  });
  client.notificationCenter.addNotificationListener('OPTIMIZELY_CONFIG_UPDATE', (/** @type {unknown} */ payload) => updates.push(payload ?? 'nothing'));
  t.after(() => {
    client.close().catch(() => {}); // the official one never closes after a failure
  });
  return { client, updates, errors };
}

for (const [name, sdk] of /** @type {const} */ ([['ours', us], ['the official SDK', them]])) {
  test(`${name}: a request bears the key, the token and the headers, and what was last modified`, async (t) => {
    const { urlTemplate, requests } = await mustServeInTurn(t, [makeDatafile()]);
    const { client } = makeClient(t, sdk, { urlTemplate, datafileAccessToken: 'secret', customHeaders: { 'x-team': 'shop' } });
    assert.equal(await client.onReady(PATIENCE), undefined);
    const [first, second] = await requests.atLeast(2);
    assert.equal(first.url, '/datafiles/test.json');
    assert.equal(first.headers.authorization, 'Bearer secret');
    assert.equal(first.headers['x-team'], 'shop');
    assert.equal(first.headers['if-modified-since'], undefined);
    assert.equal(second.headers['if-modified-since'], 'answer 1');
  });

  test(`${name}: another revision replaces the datafile, an older one too; the same one and a bad file do not`, async (t) => {
    const halted = experimentsStopped(makeDatafile());
    const answers = [makeDatafile(), '{"bad"', halted, '{"version":"9","revision":"10"}', makeDatafile({ revision: '6' }), experimentsStopped(makeDatafile({ revision: '6' }))];
    const { urlTemplate, requests } = await mustServeInTurn(t, answers);
    const { client, updates } = makeClient(t, sdk, { urlTemplate });
    await requests.atLeast(answers.length + 2);
    assert.deepEqual(updates.items, ['nothing', 'nothing']);
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });

  test(`${name}: 304 changes nothing`, async (t) => {
    const { urlTemplate, requests } = await mustServeInTurn(t, [makeDatafile(), 304]);
    const { client, updates } = makeClient(t, sdk, { urlTemplate });
    await requests.atLeast(4);
    assert.equal(updates.items.length, 1);
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });

  test(`${name}: a decision that waits for a profile is made with the datafile of its call, whatever is fetched meanwhile`, async (t) => {
    for (const newer of [1, 2, 3]) {
      const answers = [makeDatafile(), ...Array.from({ length: newer }, (_, i) => experimentsStopped(makeDatafile({ revision: `8${i}` })))];
      const { urlTemplate } = await mustServeInTurn(t, answers);
      const { client, updates } = makeClient(t, sdk, { urlTemplate }, {
        userProfileServiceAsync: { lookup: () => updates.atLeast(answers.length).then(() => undefined), save: async () => {} },
      });
      await client.onReady(PATIENCE);
      const user = client.createUserContext('Matt');
      assert.equal((await user.decideAsync('flag')).ruleKey, 'of-a-flag');
      assert.equal((await user.decideAsync('flag')).ruleKey, 'delivery');
    }
  });

  for (const [what, options, config] of /** @type {const} */ ([['without autoUpdate', { autoUpdate: false }, {}], ['for a client that will not live long', {}, { disposable: true }]])) {
    test(`${name}: ${what} it asks until it has one, for which it does not take an empty answer`, async (t) => {
      const { urlTemplate, requests } = await mustServeInTurn(t, ['', 204, makeDatafile({ revision: '8' })]);
      const { client } = makeClient(t, sdk, { urlTemplate, ...options }, config);
      await client.onReady(PATIENCE);
      await new Promise((resolve) => setTimeout(resolve, 60)); // nothing else tells that a request is not made
      assert.equal(requests.items.length, 3);
    });
  }

  test(`${name}: a client that will not live long stops asking where there is none, also with one of the application's`, async (t) => {
    const { setTimeout } = globalThis;
    lend(t, { setTimeout: (/** @type {() => void} */ callback, /** @type {number} */ wait, /** @type {unknown[]} */ ...args) => setTimeout(callback, wait / 100, ...args) });
    /** @type {Inbox<string>} */
    const lines = new Inbox();
    const logger = sdk.createLogger({ level: sdk.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });
    const { urlTemplate, requests } = await mustServeInTurn(t, [500]);
    makeClient(t, sdk, { urlTemplate, datafile: makeDatafile() }, { disposable: true, logger });
    await lines.first((line) => line === 'ProjectConfigManager: DatafileManager failed to start, reason: Failed to fetch datafile');
    assert.equal(requests.items.length, 6);
  });

  test(`${name}: the application's datafile decides until one is fetched, and may be bad`, async (t) => {
    const { urlTemplate, requests } = await mustServeInTurn(t, [makeDatafile({ revision: '8' })]);
    const { client } = makeClient(t, sdk, { urlTemplate, datafile: makeDatafile() });
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
    const { client: other, updates } = makeClient(t, sdk, { urlTemplate, datafile: '{bad' });
    assert.equal(other.getVariation('ab', 'Matt'), null);
    await updates.atLeast(1);
    assert.equal(other.getVariation('ab', 'Matt'), 'b');
    assert.ok(requests.items.length >= 2);
  });

  test(`${name}: a bad first datafile fails the client`, async (t) => {
    const { urlTemplate } = await mustServeInTurn(t, ['{bad', '{bad', makeDatafile()]);
    for (const datafile of [undefined, '{bad']) {
      const { client } = makeClient(t, sdk, { urlTemplate, datafile });
      await assert.rejects(client.onReady(PATIENCE), { message: 'got invalid datafile' });
    }
  });

  test(`${name}: a failed request is made again, after a second or so`, async (t) => {
    const { urlTemplate } = await mustServeInTurn(t, [500, makeDatafile()]);
    const { client } = makeClient(t, sdk, { urlTemplate, updateInterval: 60_000 });
    await client.onReady(PATIENCE);
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });

  test(`${name}: the cache's datafile decides while there is no other, and the fetched one is kept`, async (t) => {
    const kept = new Map();
    const cache = {
      operation: 'sync', get: (/** @type {string} */ key) => kept.get(key), set: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
      remove: (/** @type {string} */ key) => kept.delete(key), getKeys: () => [...kept.keys()],
    };
    const { urlTemplate } = await mustServeInTurn(t, [makeDatafile(), 500]);
    await makeClient(t, sdk, { urlTemplate, cache, updateInterval: 60_000 }).client.onReady(PATIENCE);
    assert.deepEqual([...kept], [['optimizely-datafile-test', makeDatafile()]]);
    const { client } = makeClient(t, sdk, { urlTemplate, cache, updateInterval: 60_000 });
    await client.onReady(PATIENCE);
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
  });

  test(`${name}: the cache's datafile replaces the application's while none is fetched`, async (t) => {
    const cached = makeDatafile({ revision: '8', experiments: [], featureFlags: [] });
    const cache = { operation: 'async', get: async () => cached, set: async () => {}, remove: async () => {}, getKeys: async () => [] };
    const { urlTemplate } = await mustServeInTurn(t, [500]);
    const { client, updates } = makeClient(t, sdk, { urlTemplate, cache, datafile: makeDatafile(), updateInterval: 60_000 });
    assert.equal(client.getVariation('ab', 'Matt'), 'b');
    await updates.atLeast(1);
    assert.equal(client.getVariation('ab', 'Matt'), null);
  });
}

test('what is wrong with a bad datafile is logged, not notified, and the good one stays', async (t) => {
  const { urlTemplate } = await mustServeInTurn(t, [makeDatafile(), '{bad']);
  const lines = new Inbox();
  const logger = us.createLogger({ level: us.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });
  const { client, errors } = makeClient(t, us, { urlTemplate }, { logger });
  assert.match(String(await lines.first(() => true)), /^ProjectConfigManager: datafile: line 1, column 2/);
  assert.equal(client.getVariation('ab', 'Matt'), 'b');
  assert.deepEqual(errors.items, []);
});

test('onReady says as the cause what exactly is wrong with the datafile', async () => {
  const client = us.createInstance({ projectConfigManager: us.createStaticProjectConfigManager({ datafile: '{bad' }) });
  await assert.rejects(client.onReady(PATIENCE), (/** @type {Error} */ error) => {
    assert.equal(error.message, 'got invalid datafile');
    assert.match(String(error.cause), /datafile: line 1, column 2/);
    return true;
  });
});

test('settings that are nothing are as if they were not given', async (t) => {
  /** @type {Inbox<string>} */
  const urls = new Inbox();
  lend(t, { fetch: async (/** @type {string} */ url) => (urls.push(url), new Response(makeDatafile())) });
  for (const [options, url] of /** @type {const} */ ([
    [{}, 'https://cdn.optimizely.com/datafiles/test.json'], [{ datafileAccessToken: 'secret' }, 'https://config.optimizely.com/datafiles/auth/test.json'],
  ])) {
    makeClient(t, us, { urlTemplate: '', customHeaders: null, ...options });
    await urls.first((asked) => asked === url);
  }
});

test('close ends a request that has no answer', async (t) => {
  const { urlTemplate, requests } = await mustServeInTurn(t, [() => {}]);
  const { client } = makeClient(t, us, { urlTemplate });
  await requests.atLeast(1);
  const pending = assert.rejects(client.onReady(PATIENCE), { message: 'Client stopped before running' });
  await client.close();
  await pending;
});

/** @param {string} datafile the same revision without a running experiment */
function experimentsStopped(datafile) {
  return datafile.replaceAll('"Running"', '"Paused"');
}

test('what went wrong is told with the address, and with the cause where Node keeps that apart', async (t) => {
  const { urlTemplate } = await mustServeInTurn(t, [404]);
  for (const [template, wanted] of /** @type {const} */ ([
    [urlTemplate, /datafiles\/test\.json: Datafile fetch request failed with status: 404$/],
    ['http://127.0.0.1:9/%s.json', /http:\/\/127\.0\.0\.1:9\/test\.json: .+/],
    ['http://name.invalid/%s.json', /http:\/\/name\.invalid\/test\.json: (ENOTFOUND|EAI_AGAIN)$/],
  ])) {
    /** @type {Inbox<string>} */
    const lines = new Inbox();
    const logger = us.createLogger({ level: us.ERROR, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => lines.push(line) } });
    makeClient(t, us, { urlTemplate: template }, { logger });
    const [line] = await lines.atLeast(1);
    assert.match(line, wanted);
  }
});
