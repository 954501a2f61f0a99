// Runs the official SDK and ours side by side in one page: the same datafile, users and attributes.
import * as ours from '/sdk/index.js';

const official = globalThis.optimizelySdk;

/** @param {string} path */
const json = async (path) => (await fetch(path)).json();

async function load() {
  const datafile = await (await fetch('/datafile.json')).text();
  const open = async (/** @type {any} */ sdk) => {
    const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }) });
    await client.onReady();
    return client;
  };
  await ours.ready;
  const [officialClient, ourClient] = [await open(official), await open(ours)];
  return { officialClient, ourClient, ...(await json('/workload.json')) };
}

const loaded = load();

/** Every answer of both for every experiment and user; throws at the first that differs. */
globalThis.compare = async () => {
  const { officialClient, ourClient, experimentKeys, checkUsers, benchUsers, benchExperiment } = await loaded;
  let answers = 0, bucketed = 0;
  const check = (key, { id, attributes }) => {
    const expected = officialClient.getVariation(key, id, attributes);
    const got = ourClient.getVariation(key, id, attributes);
    if (got !== expected) {
      throw new Error(`${key}, ${id}, ${JSON.stringify(attributes)}: official ${expected}, ours ${got}`);
    }
    answers++;
    if (expected !== null) bucketed++;
  };
  for (const user of checkUsers) for (const key of experimentKeys) check(key, user);
  for (const user of benchUsers) check(benchExperiment, user);
  return { answers, bucketed };
};

/** Nanoseconds of one getVariation, over all bench users, for about ms milliseconds. */
function time(client, experiment, users, ms) {
  const start = performance.now();
  let calls = 0, bucketed = 0;
  do {
    for (const { id, attributes } of users) if (client.getVariation(experiment, id, attributes) !== null) bucketed++;
    calls += users.length;
  } while (performance.now() - start < ms);
  const ns = ((performance.now() - start) * 1e6) / calls;
  if (bucketed !== calls) throw new Error(`${calls - bucketed} of ${calls} bench users were not bucketed`);
  return ns;
}

/** One interleaved round: [official, ours] in ns per call. */
globalThis.round = async (/** @type {number} */ ms) => {
  const { officialClient, ourClient, benchUsers, benchExperiment } = await loaded;
  return [
    time(officialClient, benchExperiment, benchUsers, ms),
    time(ourClient, benchExperiment, benchUsers, ms),
  ];
};
