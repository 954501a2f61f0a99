/** Runs the official SDK and ours by turns in one page: the same datafile, visitors and calls, after all answers and events of both were equal. */
import * as ours from '/sdk/index.min.js'; // one file, as the official SDK is and as the site serves it
import { cases as officialCases } from '/cases.js?official';
import { cases as ourCases } from '/cases.js?ours';
import { compareAll } from '/compare.js';

const official = globalThis.optimizelySdk;

/** Visitors of one turn; they are never seen again. */
const VISITORS = 2000;

const text = async (/** @type {string} */ path) => (await fetch(path)).text();

/** @type {Promise<{datafile: string, workload: any, sides: {sdk: any, client: any, cases: any}[]}>} */
const loaded = load(new URLSearchParams(location.search).get('size') ?? 'medium');

/** @param {string} size */
async function load(size) {
  const datafile = await text(`/${size}.json`);
  const workload = JSON.parse(await text(`/${size}-workload.json`));
  await ours.ready;
  const sides = [{ sdk: official, cases: officialCases }, { sdk: ours, cases: ourCases }];
  return { datafile, workload, sides: await Promise.all(sides.map(async (side) => ({ ...side, client: await open(side.sdk, datafile) }))) };
}

/** @param {any} sdk @param {string} datafile */
async function open(sdk, datafile, eventProcessor = sdk.createForwardingEventProcessor({ dispatchEvent: () => Promise.resolve({ statusCode: 200 }) })) {
  const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }), eventProcessor });
  await client.onReady();
  return client;
}

globalThis.compare = async () => {
  const { datafile, workload } = await loaded;
  return compareAll([official, ours], datafile, workload);
};

let made = 0;

/** Visitors nobody has seen, with the attributes of those who match. JSON makes their texts as a page gets them: in one piece. @param {any} workload */
function freshVisitors({ matching }) {
  const fresh = Array.from({ length: VISITORS }, (_, i) => ({ ...matching[i % matching.length], id: `visitor_${(made++).toString(36).padStart(7, '0')}` }));
  return JSON.parse(JSON.stringify(fresh));
}

/**
 * One turn of each SDK, as [official, ours] in ns for each call; the one that begins changes.
 * @param {string} name of a case
 * @param {number} ms
 */
globalThis.round = async (name, ms) => {
  const { workload, sides } = await loaded;
  const total = [0, 0];
  let calls = 0;
  for (const end = performance.now() + ms; performance.now() < end;) {
    const visitors = freshVisitors(workload);
    const counts = [];
    for (const side of calls % (2 * VISITORS) === 0 ? [0, 1] : [1, 0]) {
      const { client, cases } = sides[side];
      const items = cases[name].prepare(client, visitors, workload.keys);
      const start = performance.now();
      counts[side] = cases[name].run(client, items, workload.keys);
      total[side] += ((performance.now() - start) * VISITORS) / items.length;
    }
    if (counts[0] !== counts[1] || counts[1] === 0) throw new Error(`${name}: official ${counts[0]} answers, ours ${counts[1]}`);
    calls += VISITORS;
    await new Promise((resolve) => setTimeout(resolve)); // what waits for promises has its turn between, not within
  }
  return total.map((sum) => (sum * 1e6) / calls);
};

/**
 * One turn of each SDK, as [official, ours] in ns for each event, from the calls that track events until all were sent in batches of ten,
 * which keep them in localStorage meanwhile.
 */
globalThis.roundOfBatches = async () => {
  const { datafile, workload } = await loaded;
  const visitors = freshVisitors(workload);
  const took = [0, 0];
  for (const side of ++turns % 2 === 0 ? [0, 1] : [1, 0]) {
    const sdk = [official, ours][side];
    let sent = 0;
    /** @type {(value?: unknown) => void} */
    let done;
    const all = new Promise((resolve) => (done = resolve));
    const dispatchEvent = async (/** @type {any} */ { params }) => {
      if ((sent += params.visitors.length) === visitors.length) done();
      return { statusCode: 200 };
    };
    const client = await open(sdk, datafile, sdk.createBatchEventProcessor({ batchSize: 10, eventDispatcher: { dispatchEvent } }));
    const start = performance.now();
    for (const { id, attributes } of visitors) client.track(workload.keys.event, id, attributes, { revenue: 4200, category: 'hats' });
    await all;
    took[side] = ((performance.now() - start) * 1e6) / visitors.length;
    await client.close();
  }
  return took;
};

let turns = 0;

let revision = 1;

/** [official, ours] in ms from a new datafile to the first decision on it; the SDKs have decided on another one before. */
globalThis.update = async () => {
  const { datafile, workload, sides } = await loaded;
  const { id, attributes } = workload.matching[revision % workload.matching.length];
  const newer = datafile.replace('"revision":"1"', `"revision":"${++revision}"`);
  const times = [0, 0];
  for (const side of revision % 2 === 0 ? [0, 1] : [1, 0]) {
    const { sdk } = sides[side];
    const fresh = JSON.parse(JSON.stringify([newer]))[0];
    const start = performance.now();
    const client = await open(sdk, fresh);
    const { variationKey } = client.createUserContext(id, attributes).decide(workload.keys.flag, ['DISABLE_DECISION_EVENT']);
    times[side] = performance.now() - start;
    if (variationKey === null) throw new Error('no decision on the newer datafile');
    await client.close();
  }
  return times;
};

/** Milliseconds for one experiment and 100 000 visitors never seen, in one call; they are made before. */
globalThis.batch = async () => {
  const { workload, sides } = await loaded;
  const ids = JSON.parse(JSON.stringify(Array.from({ length: 100_000 }, () => `visitor_${(made++).toString(36).padStart(7, '0')}`)));
  const { attributes } = workload.matching[0];
  const start = performance.now();
  const keys = sides[1].client.getVariations(workload.keys.experiment, ids, attributes);
  const ms = performance.now() - start;
  for (let i = 0; i < ids.length; i += 100) {
    const alone = sides[0].client.getVariation(workload.keys.experiment, ids[i], attributes);
    if (keys[i] !== alone) throw new Error(`${ids[i]}: official ${alone}, ours ${keys[i]}`);
  }
  return ms;
};

/** Bytes of the engine's memory with this page's project, before and after a number of decisions, and with its OptimizelyConfig. @param {number} decisions */
globalThis.memory = async (decisions) => {
  const { datafile, workload } = await loaded;
  const { Engine } = await import('/sdk/engine/index.js');
  const engine = await Engine.load(new URL('/sdk/engine/engine.wasm', location.href));
  const project = engine.open(datafile, { clientName: 'javascript-sdk', clientVersion: '1' });
  const flag = project.flag(workload.keys.flag);
  const size = () => engine.instance.exports.memory.buffer.byteLength;
  const before = size();
  for (let i = 0; i < decisions; i++) project.decide(flag, { ...workload.matching[i % workload.matching.length] });
  const after = size();
  void project.optimizelyConfig;
  return [before, after, size()];
};
