/**
 * What the SDK's tests share. It is named as a test so that it is not served with the site.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire, register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The official SDK, as its Node build. Imported by its place, since it is installed for tests only. @type {Promise<any>} */
export const official = import(
  String(new URL('../../relay/e2e/node_modules/@optimizely/optimizely-sdk/dist/index.node.es.min.mjs', import.meta.url))
);

/** OpenFeature's SDK. @type {typeof import('@openfeature/web-sdk')} */
export const openfeature = createRequire(new URL('../../relay/e2e/', import.meta.url))('@openfeature/web-sdk');

/** Ours, without types: it is called wrongly on purpose here. @type {Promise<any>} */
export const ours = import(String(new URL('./index.js', import.meta.url)));

/**
 * A datafile with one of everything a client's calls touch.
 * @param {Record<string, unknown>} [changes]
 */
export function makeDatafile(changes = {}) {
  return JSON.stringify({
    version: '4', revision: '7', accountId: '12001', projectId: '11001', sdkKey: 'test', environmentKey: 'production',
    anonymizeIP: true, botFiltering: true, sendFlagDecisions: true,
    experiments: [
      experiment('3001', 'ab', {
        trafficAllocation: [{ entityId: '4901', endOfRange: 5000 }, { entityId: '4902', endOfRange: 10000 }],
        variations: [
          { id: '4901', key: 'a', featureEnabled: true, variables: [{ id: '1', value: 'x' }] },
          { id: '4902', key: 'b', featureEnabled: false, variables: [] },
        ],
        forcedVariations: { Matt: 'b', Jo: 'gone' },
      }),
      experiment('3002', 'only-us', { audienceIds: ['501'] }),
      experiment('3003', 'paused', { status: 'Paused' }),
      experiment('3004', 'without-layer', { layerId: '' }),
      experiment('3005', 'of-a-flag'),
      experiment('3006', 'empty', { trafficAllocation: [] }),
      experiment('3007', 'crossed', { trafficAllocation: [{ entityId: '4901', endOfRange: 10000 }] }),
    ],
    groups: [{
      id: '601', policy: 'random', trafficAllocation: [{ entityId: '3010', endOfRange: 10000 }], experiments: [experiment('3010', 'grouped')],
    }],
    featureFlags: [{
      id: '101', key: 'flag', rolloutId: '801', experimentIds: ['3005'],
      variables: [{ id: '701', key: 'greeting', type: 'string', defaultValue: 'hello' }],
    }],
    rollouts: [{ id: '801', experiments: [experiment('3020', 'delivery')] }],
    audiences: [],
    typedAudiences: [{ id: '501', name: 'us', conditions: ['and', { name: 'country', type: 'custom_attribute', match: 'exact', value: 'us' }] }],
    attributes: [{ id: '901', key: 'country' }],
    events: [{ id: '951', key: 'purchase', experimentIds: ['3001'] }],
    variables: [],
    ...changes,
  });
}

/**
 * @param {string} id all its other ids follow from it
 * @param {string} key
 * @param {Record<string, unknown>} [changes]
 */
function experiment(id, key, changes) {
  const variation = id.replace('3', '4');
  return {
    id, key, status: 'Running', layerId: id.replace('3', '2'), audienceIds: [], forcedVariations: {},
    trafficAllocation: [{ entityId: variation, endOfRange: 10000 }], variations: [{ id: variation, key: 'on', featureEnabled: true }],
    ...changes,
  };
}

/**
 * Records what a client tells, in the order in which it does.
 * @param {any} sdk
 * @returns {any} log: the record; notifier and dispatcher: for createInstance and a processor
 */
export function recorder(sdk) {
  /** @type {any[]} */
  const log = [];
  return {
    log,
    errorNotifier: sdk.createErrorNotifier({ handleError: (/** @type {Error} */ error) => log.push(['error', error.name, error.message]) }),
    dispatcher: {
      async dispatchEvent(/** @type {any} */ logEvent) {
        log.push(['dispatch', plain(logEvent)]);
        return { statusCode: 200 };
      },
    },
    listen(/** @type {any} */ client) {
      for (const type of Object.values(sdk.NOTIFICATION_TYPES)) {
        client.notificationCenter.addNotificationListener(type, (/** @type {any} */ payload) => log.push([type, plain(payload)]));
      }
    },
  };
}

/** As JSON, without what no two clients agree on. @param {unknown} value */
export function plain(value) {
  const masked = new Set(['uuid', 'timestamp', 'client_name', 'client_version']);
  const text = JSON.stringify(value, (key, inner) => (masked.has(key) ? `(${key})` : inner));
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * A server on a port of its own.
 * @param {import('node:test').TestContext} t closes it
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, body: string) => void} answer
 * @returns {Promise<string>} its address
 */
export async function mustServe(t, answer) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    answer(request, response, body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

/**
 * A list that can be waited on: for tests that wait for what happens and not for time.
 * @template T
 */
export class Inbox {
  /** @type {T[]} */
  items = [];
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {T} item */
  push(item) {
    this.items.push(item);
    for (const look of [...this.#waiting]) look();
  }

  /**
   * @param {(item: T) => boolean} matches
   * @returns {Promise<T>} the first that matches, now or later
   */
  async first(matches) {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.items.find(matches);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /**
   * @param {number} count
   * @returns {Promise<T[]>} all, once there are so many
   */
  async atLeast(count) {
    return new Promise((resolve) => {
      const look = () => {
        if (this.items.length < count) return;
        this.#waiting.delete(look);
        resolve(this.items);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/**
 * The built relay as a process, on ports of its own.
 * @param {import('node:test').TestContext} t stops it
 * @param {{directory: string, listen?: string, args?: string[]}} options directory: its data
 * @returns {Promise<{url: string, stop: () => Promise<void>}>} once it listens and has a datafile
 */
export async function mustStartRelay(t, { directory, listen = '127.0.0.1:0', args = [] }) {
  const binary = fileURLToPath(new URL('../../relay/relay', import.meta.url));
  if (!existsSync(binary)) throw new Error(`${binary} is not there: run make build first`);
  const process = spawn(binary, ['--listen', listen, '--admin', '127.0.0.1:0', '--data-dir', directory, ...args]);
  const ended = new Promise((resolve) => process.on('exit', resolve));
  /** @type {Inbox<string>} */
  const lines = new Inbox();
  for (const stream of [process.stdout, process.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const stop = async () => {
    process.kill('SIGTERM');
    await ended;
  };
  t.after(stop);
  const address = (/** @type {string} */ line) => /msg=listening addr=(\S+)/.exec(line)?.[1];
  const url = `http://${address(await lines.first((line) => address(line) !== undefined))}`;
  while ((await fetch(`${url}/readyz`)).status !== 200);
  return { url, stop };
}

/**
 * A relay that serves a file as the project `test`.
 * @param {import('node:test').TestContext} t stops it
 * @param {string} [datafile]
 */
export async function mustServeFile(t, datafile = makeDatafile()) {
  const directory = mustMakeFolder();
  const file = join(directory, 'test.json');
  writeFileSync(file, datafile);
  const args = ['--project', `test=${file}`];
  const relay = await mustStartRelay(t, { directory, args });
  const restart = () => mustStartRelay(t, { directory, args, listen: new URL(relay.url).host });
  return { ...relay, restart, write: (/** @type {string} */ datafile) => replaceFile(file, datafile) };
}

/** Writes a file as editors do, a new one renamed over the old: whoever watches it never sees half of it. @param {string} path @param {string} content */
export function replaceFile(path, content) {
  writeFileSync(`${path}.next`, content);
  renameSync(`${path}.next`, path);
}

/** @type {string[]} */
const folders = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that is gone once all is over: a test's own end would come before the relay that writes there has stopped. */
export function mustMakeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'sortition-'));
  folders.push(folder);
  return folder;
}

/** A browser's storage. */
export class Storage {
  /** @param {string} key */
  getItem(key) {
    return /** @type {any} */ (this)[key] ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    Object.assign(this, { [key]: value });
  }

  /** @param {string} key */
  removeItem(key) {
    Reflect.deleteProperty(this, key);
  }
}

/**
 * Gives the host something of a browser's for one test.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, unknown>} names
 */
export function lend(t, names) {
  for (const [name, value] of Object.entries(names)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
  }
}

/** As where a network breaks: a module that is imported later does not come. @param {string} ending of its address */
export function loseModule(ending) {
  const hooks = `export async function load(url, context, next) {
    if (url.endsWith(${JSON.stringify(ending)})) throw new Error('no network');
    return next(url, context);
  }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}

/**
 * Whether this process has websockets. Node 20 has them behind a flag; there the test file runs once more, with the flag.
 * @param {string} file the test's import.meta.url
 */
export function hasWebSockets(file) {
  if (typeof globalThis.WebSocket === 'function') return true;
  test('with websockets, which this Node has behind a flag', async () => {
    const { NODE_TEST_CONTEXT, ...env } = globalThis.process.env;
    // Well within the time that this test has itself, so that it is told which of them did not end.
    const args = ['--experimental-websocket', '--test', '--test-timeout=120000', fileURLToPath(file)];
    const run = spawn(globalThis.process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = new Promise((resolve) => run.on('close', (code, signal) => resolve(signal ?? code)));
    let output = '';
    for await (const chunk of run.stdout) output += chunk;
    const end = await closed;
    if (end !== 0) throw new Error(`ended with ${end}\n${output}`);
  });
  return false;
}
