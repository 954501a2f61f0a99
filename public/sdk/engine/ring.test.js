/** Users of contexts are written once and read from where they were, as long as they are there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideURL } from '../beside.js';
import { AttributeError, Engine } from './index.js';
import { Ring } from './ring.js';
import { Slots } from './slots.js';

const client = { clientName: 'test', clientVersion: '1.2.3' };

/** Half of those who are gold get each variation. @param {string[]} attributes in this order */
const datafileOf = (attributes) => JSON.stringify({
  version: '4', revision: '7', accountId: '1', projectId: attributes.join(),
  experiments: [{
    id: '10', key: 'e', layerId: '11', status: 'Running', audienceIds: ['5'],
    variations: [{ id: '12', key: 'a' }, { id: '13', key: 'b' }],
    trafficAllocation: [{ entityId: '12', endOfRange: 5000 }, { entityId: '13', endOfRange: 10000 }],
  }],
  attributes: attributes.map((key, i) => ({ id: `${20 + i}`, key })),
  typedAudiences: [{ id: '5', conditions: ['or',
    { type: 'custom_attribute', name: 'plan', match: 'exact', value: 'gold' },
    { type: 'custom_attribute', name: 'plan', match: 'substring', value: 'pro plan, ünï\ud800' },
    { type: 'custom_attribute', name: 'age', match: 'gt', value: 17.5 },
    { type: 'custom_attribute', name: 'known', match: 'exact', value: true }] }],
});

/** A generator of the same numbers in each run. @param {number} seed */
function numbersFrom(seed) {
  return (/** @type {number} */ below) => {
    seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    return (seed >>> 1) % below;
  };
}

const values = ['gold', 'silver', 'gold\0', '', 'a pro plan, ünï\ud800!', 'a pro plan, ünï', 5, 17.5, 17.6, -18, NaN, 2 ** 60, -0, true, false, null, undefined, [18], 18n];
const keys = ['plan', 'age', 'known', 'unheard of'];

/** @param {(below: number) => number} random @param {number} i */
function userOf(random, i) {
  const attributes = Object.fromEntries(Array.from({ length: random(6) }, () => [keys[random(keys.length)], values[random(values.length)]]));
  if (i % 8000 === 0) attributes.plan = `${'very '.repeat(1000 << (i / 8000))} a pro plan, ünï\ud800`;
  if (i % 7 === 0) attributes.$opt_bucketing_id = `bucketing ${i % 3}`;
  return { id: `visitor ${i} ${'ü'.repeat(random(9))}`, attributes, isOfContext: true };
}

test('thousands of contexts are decided for as anybody is, whenever they were written and whoever came in between', async () => {
  const engine = await Engine.load(besideURL());
  const reference = await Engine.load(besideURL());
  const datafiles = [datafileOf(['plan', 'age', 'known']), datafileOf(['other', 'known', 'age', 'plan'])];
  const [projects, references] = [engine, reference].map((one) => datafiles.map((datafile) => one.open(datafile, client)));
  const random = numbersFrom(1);
  const answer = (/** @type {import('./project.js').Project} */ project, /** @type {import('./user.js').User} */ user) => (
    project.getVariation(/** @type {import('./project.js').Experiment} */ (project.experiment('e')), user)?.key);
  const users = Array.from({ length: 40_000 }, (_, i) => userOf(random, i));
  const expected = users.map((user) => references.map((project) => answer(project, { ...user })));
  assert.equal(new Set(expected.flat()).size, 3);

  for (const user of users) if (!Object.values(user.attributes ?? {}).includes(undefined)) projects[0].keep(user);
  for (let turn = 0; turn < 100_000; turn++) {
    const i = turn < users.length ? turn : users.length - 1 - random(turn % 2 ? users.length : 2_000);
    const which = turn < 50_000 ? 0 : random(2);
    assert.equal(answer(projects[which], users[i]), expected[i][which], `turn ${turn}: ${users[i].id} in project ${which}`);
    if (turn % 1000 === 0) assert.equal(answer(projects[which], { ...users[0] }), expected[0][which]); // a plain user, and a long one
    if (turn % 20_000 === 19_999) engine.recover(new WebAssembly.RuntimeError('unreachable'));
  }
});

test('an attribute without a value is an error of a new context, not of one that was changed', async () => {
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafileOf(['plan']), client);
  const experiment = /** @type {import('./project.js').Experiment} */ (project.experiment('e'));
  const user = { id: 'Ann', isOfContext: true, attributes: { plan: 'gold', unheard: undefined } };
  assert.throws(() => project.keep(user), (error) => error instanceof AttributeError && error.message === 'unheard');
  assert.equal(project.getVariation(experiment, user), project.getVariation(experiment, { id: 'Ann', attributes: { plan: 'gold' } }));
});

test('a context is told once: deciding for it again writes nothing, and changes nothing about others', async () => {
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafileOf(['plan']), client);
  const experiment = /** @type {import('./project.js').Experiment} */ (project.experiment('e'));
  let reads = 0;
  const context = (/** @type {string} */ id) => ({ id, isOfContext: true, get attributes() { reads++; return { plan: 'gold' }; } });
  const users = ['Ann', 'Bob', 'Eve'].map(context);
  users.forEach((user) => project.keep(user));
  const written = reads;
  for (let i = 0; i < 10; i++) for (const user of users) assert.ok(project.getVariation(experiment, user));
  assert.equal(reads, written);
});

test('the one of the last call is told again when somebody else was written where they were', async () => {
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafileOf(['plan']), client);
  const experiment = /** @type {import('./project.js').Experiment} */ (project.experiment('e'));
  const user = { id: 'Ann', attributes: { plan: 'a pro plan, ünï\ud800' } };
  const variation = project.getVariation(experiment, user);
  assert.ok(variation);
  project.keep({ id: 'Bob', attributes: { plan: 'not a plan that anything is said of' }, isOfContext: true });
  assert.equal(project.getVariation(experiment, user), variation);
});

test('whoever is decided for while the attributes of somebody else are read is there for good, and so are those', async () => {
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafileOf(['plan']), client);
  const answer = (/** @type {import('./user.js').User} */ user) => (
    project.getVariation(/** @type {import('./project.js').Experiment} */ (project.experiment('e')), user)?.key);
  const attributes = { plan: 'gold' };
  for (let i = 0; i < 100; i++) {
    const context = { id: `context ${i}`, attributes: { plan: i % 2 ? 'gold' : 'none' }, isOfContext: true };
    const [Ann, Bob] = [`Ann ${i}`, `Bob ${i}`];
    const expected = [Ann, Bob].map((id) => answer({ id, attributes })).concat(answer({ ...context, isOfContext: false }));
    const askingFor = (/** @type {import('./user.js').User} */ other) => ({ get plan() { answer(other); return 'gold'; } });
    const answers = [answer({ id: Ann, attributes: askingFor(context) }), answer({ id: Bob, attributes: askingFor({ id: Ann, attributes }) }), answer(context)];
    assert.deepEqual(answers, expected, `round ${i}`);
  }
});

test('memory that grows while the attributes of somebody are read loses none of them', async () => {
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafileOf(['age', 'plan']), client);
  const answer = (/** @type {Record<string, unknown>} */ attributes) => (
    project.getVariation(/** @type {import('./project.js').Experiment} */ (project.experiment('e')), { id: 'Ann', attributes })?.key);
  const size = () => engine.instance.exports.memory.buffer.byteLength;
  const growing = (/** @type {string} */ plan) => ({ get age() { project.patch(new Uint8Array(size())); return 5; }, plan });
  const [gold, silver] = ['gold', 'silver'].map((plan) => answer({ age: 5, plan }));
  assert.notEqual(gold, silver);
  for (const [plan, expected, before] of /** @type {[string, string | undefined, string][]} */ ([['silver', silver, 'gold'], ['gold', gold, 'silver']])) {
    answer({ age: 5, plan: before });
    const then = size();
    assert.equal(answer(growing(plan)), expected);
    assert.ok(size() > then);
  }
});

test('users are written within the ring, and whoever is too long for it gets one that has room', () => {
  const start = 2 ** 16;
  const memory = new WebAssembly.Memory({ initial: 1024 });
  const bytes = new Uint8Array(memory.buffer);
  /** @type {number[]} */
  const sizes = [];
  const isClean = () => bytes.subarray(0, start).every((byte) => byte === 0) && bytes.subarray(start + (sizes.at(-1) ?? 0)).every((byte) => byte === 0);
  const ring = new Ring(memory, (size) => {
    assert.ok(isClean());
    sizes.push(size);
    return start;
  });
  const slots = new Slots(keys);
  const random = numbersFrom(2);
  for (let i = 1; i < 60_000; i++) {
    const place = ring.keep(userOf(random, i % 8000 || 1), slots);
    assert.ok(place >= 0 && place < sizes[0] - 4000, `${place} of ${sizes}`);
  }
  for (let length = 1000; length < 200_000; length += 500) ring.keep({ id: 'x'.repeat(length), attributes: {}, isOfContext: true }, slots);
  assert.equal(sizes.length, 1, 'there was room');
  ring.keep({ id: 'x'.repeat(1 << 20), attributes: { plan: 'y'.repeat(1 << 20), age: 18, known: 'z'.repeat(1 << 20) }, isOfContext: true }, slots);
  assert.deepEqual(sizes, [2 ** 21, 2 ** 25]);
  assert.ok(isClean());
});

test('a ring too large for any memory is refused, not cut to none that users would be written beyond', async () => {
  for (const size of [2 ** 31, 2 ** 32]) {
    const engine = await Engine.load(besideURL());
    assert.throws(() => engine.instance.exports.users(size), WebAssembly.RuntimeError);
  }
});
