import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { besideEngine, besideURL } from '../beside.js';
import { AttributeError, DatafileError, Engine, toLogEvent, toUser } from './index.js';
import { Inspector } from './inspector.js';
import { loadModule } from './load.js';
import { EngineExit } from './wasi.js';

const client = { clientName: 'test', clientVersion: '1.2.3' };
const condition = (/** @type {string} */ name, /** @type {string} */ match, /** @type {unknown} */ value) => ({ type: 'custom_attribute', name, match, value });

/** An experiment that everyone who meets the conditions is in. @param {unknown} conditions @param {object} [more] */
const datafileOf = (conditions, more) => JSON.stringify({
  version: '4', revision: '7', accountId: '1', projectId: '2',
  experiments: [{
    id: '10', key: 'e', layerId: '11', status: 'Running', audienceIds: ['5'],
    variations: [{ id: '12', key: 'a' }, { id: '13', key: 'b' }],
    trafficAllocation: [{ entityId: '12', endOfRange: 5000 }, { entityId: '13', endOfRange: 10000 }],
  }],
  events: [{ id: '9', key: 'buy' }],
  attributes: [{ id: '21', key: 'x' }],
  typedAudiences: [{ id: '5', conditions }],
  ...more,
});

const everyone = ['not', condition('nobody', 'exists', null)];

/** @param {string} datafile */
async function mustOpen(datafile) {
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafile, client);
  return { engine, project, experiment: /** @type {import('./project.js').Experiment} */ (project.experiment('e')) };
}

/** @param {import('./project.js').Project} project */
const buy = (project) => /** @type {import('./project.js').EventType} */ (project.eventType('buy'));

test('values cross to conditions with their types, however they cross', async () => {
  const long = 'a text of more than eight bytes';
  for (const [value, match, wanted, expected] of /** @type {[unknown, string, unknown, boolean][]} */ ([
    ['gold', 'exact', 'gold', true], ['gold', 'exact', 'golf', false], ['12345678', 'exact', '12345678', true], ['123456789', 'exact', '12345678', false],
    [long, 'exact', long, true], [long, 'exact', `${long}!`, false], ['', 'exact', '', true], ['', 'exact', 'a', false], ['a', 'exact', 'a\0', false],
    ['a\0', 'exact', 'a', false], ['a\0', 'exact', 'a\0', true], ['é🙂', 'exact', 'é🙂', true], ['é', 'exact', 'e', false],
    ['2.1.9', 'semver_ge', '2.1', true], ['2.0.9', 'semver_ge', '2.1', false], ['2.1.0-beta', 'semver_lt', '2.1.0', true], ['10.11.12345', 'semver_gt', '9', true],
    ['gold card', 'substring', 'd c', true], ['gold', 'substring', 'old', true], ['old', 'substring', 'gold', false], [long, 'substring', long.slice(3), true],
    [18, 'ge', 18, true], [17.999, 'ge', 18, false], [-5, 'lt', -4.5, true], [-4, 'lt', -4.5, false], [0, 'exact', -0, true], [-0, 'exact', 0, true],
    [NaN, 'exact', 0, false], [Infinity, 'gt', 0, false], [2 ** 53, 'gt', 0, true], [2 ** 53 + 2, 'gt', 0, false], [1, 'exact', '1', false], [1, 'exact', true, false],
    [true, 'exact', true, true], [true, 'exact', false, false], [false, 'exact', false, true],
    [null, 'exists', null, false], [[], 'exists', null, true], [{}, 'exists', null, true], ['', 'exists', null, true],
  ])) {
    const { project, experiment } = await mustOpen(datafileOf(condition('x', match, wanted)));
    const name = `${JSON.stringify(value)} ${match} ${JSON.stringify(wanted)}`;
    assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: { x: value } }) !== undefined, expected, name);
    assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: { y: 1, x: value } }) !== undefined, expected, `${name}, as a second attribute`);
    assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: {} }) !== undefined, false, `nothing is left of ${name}`);
  }
});

test('what an experiment does not ask about is there for whatever is decided next', async () => {
  const names = Array.from({ length: 70 }, (_, i) => `attribute ${i}`);
  const has = (/** @type {string[]} */ ...these) => ['and', ...these.map((name) => condition(name, 'exact', name))];
  const audiences = { a: has(names[1]), b: has(names[2], names[69]), c: has(names[34], 'no attribute of the datafile’s') };
  const [example] = JSON.parse(datafileOf(everyone)).experiments;
  const { project } = await mustOpen(datafileOf(everyone, {
    experiments: Object.keys(audiences).map((key) => ({ ...example, id: `e${key}`, key, audienceIds: [key] })),
    attributes: names.map((key, i) => ({ id: `${i}`, key })),
    typedAudiences: Object.entries(audiences).map(([id, conditions]) => ({ id, conditions })),
    featureFlags: [{ id: 'f', key: 'f', rolloutId: '', experimentIds: ['eb'], variables: [] }],
  }));
  const flag = /** @type {import('./project.js').Flag} */ (project.flag('f'));
  const decide = (/** @type {string} */ key, /** @type {import('./user.js').User} */ user) => (
    project.getVariation(/** @type {import('./project.js').Experiment} */ (project.experiment(key)), user) !== undefined);
  const everything = Object.fromEntries([...names, 'no attribute of the datafile’s'].map((name) => [name, name]));
  for (const isOfContext of [false, true]) {
    for (const missing of [undefined, names[1], names[2], names[34], names[69], 'no attribute of the datafile’s']) {
      const user = toUser('Ann', missing === undefined ? everything : { ...everything, [missing]: null }, isOfContext);
      for (let round = 0; round < 2; round++) {
        const met = ['a', 'b', 'c', 'b', 'a'].map((key) => decide(key, user));
        const [a, b, c] = [missing !== names[1], missing !== names[2] && missing !== names[69], missing !== names[34] && !missing?.startsWith('no')];
        assert.deepEqual(met, [a, b, c, b, a], `${missing} is missing`);
        assert.equal(project.decide(flag, user).outcome.variationKey !== null, b, `the flag, and ${missing} is missing`);
      }
    }
  }
});

test('an attribute without a value is an error that names it, and nothing is left of it', async () => {
  const { engine, project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const { exports } = engine.instance;
  assert.throws(() => project.getVariation(experiment, { id: 'Matt', attributes: { x: 1, y: undefined } }), (error) => error instanceof AttributeError && error.message === 'y');
  assert.equal(engine.instance.exports, exports, 'nothing broke');
  assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: {} }), undefined);
});

test('attributes are a user’s own, whatever they are called and whatever has them', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  for (const attributes of [{ constructor: 'of this name', x: 1 }, Object.assign(Object.create(null), { x: 1 }), new (class { x = 1; })()]) {
    assert.notEqual(project.getVariation(experiment, { id: 'Matt', attributes }), undefined);
  }
});

test('inherited attributes are nobody’s', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: Object.create({ x: 1 }) }), undefined);
  const heir = { id: 'Matt', attributes: Object.assign(Object.create({ $opt_y: 1 }), { $opt_x: 1, x: 1 }) };
  const variation = project.getVariation(experiment, heir);
  assert.ok(variation);
  const [visitor] = toLogEvent([project.activation(experiment, variation, heir)]).params.visitors;
  const told = visitor.attributes.map((/** @type {{key: string}} */ { key }) => key);
  assert.deepEqual([told.includes('$opt_x'), told.includes('$opt_y')], [true, false]);
});

test('the id that replaces the user’s in the hash is an attribute of their own, wherever it stands', async () => {
  const { project, experiment } = await mustOpen(datafileOf(everyone));
  const answer = (/** @type {string} */ id, /** @type {Record<string, unknown>} */ attributes) => project.getVariation(experiment, { id, attributes })?.key;
  for (const $opt_bucketing_id of ['', ...Array.from({ length: 20 }, (_, i) => `u${i}`)]) {
    const expected = answer($opt_bucketing_id, {});
    for (const attributes of [{ $opt_bucketing_id }, { $opt_bucketing_id, x: 1 }, { x: 1, y: 'z', $opt_bucketing_id }]) {
      assert.equal(answer('Matt', attributes), expected, JSON.stringify(attributes));
    }
    assert.equal(answer('Matt', Object.create({ $opt_bucketing_id })), answer('Matt', {}), 'inherited');
  }
});

test('more attributes and longer text than a frame has room for', async () => {
  const attributes = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`$opt_${i}`, 'ü'.repeat(i)]));
  const { project, experiment } = await mustOpen(datafileOf(everyone));
  const variation = project.getVariation(experiment, { id: 'x'.repeat(1 << 20), attributes: { ...attributes, x: 'y'.repeat(1 << 20) } });
  assert.ok(variation);
  const [visitor] = toLogEvent([project.activation(experiment, variation, { id: '\ud800🙂', attributes })]).params.visitors;
  assert.equal(visitor.visitor_id, '\ud800🙂');
  assert.deepEqual(visitor.attributes.map((/** @type {any} */ a) => [a.entity_id, a.value]), Object.entries(attributes));
});

test('nothing of one user is left for the next, however their attributes crossed', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 'gold')));
  const texts = ['gold', 'ünï', 'gold', 'a text of more than thirty-two bytes', 'gold', 'silver', 'gold', null, 'gold', 5, 'gold'];
  for (const x of texts) {
    assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: { x } }) !== undefined, x === 'gold', `${x} after another`);
    assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: undefined }), undefined, `nobody's ${x}`);
  }
});

test('a user the engine knows already is told once, and others in between change nothing about them', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 'a text of more than thirty-two bytes')));
  const user = { id: 'M'.repeat(300), attributes: { x: 'a text of more than thirty-two bytes' } };
  const before = project.getVariation(experiment, user);
  assert.ok(before);
  project.conversion(buy(project), { id: 'somebody else'.repeat(100), attributes: { x: 'z'.repeat(500) } });
  assert.equal(project.getVariation(experiment, user), before);
  assert.equal(project.getVariation(experiment, { id: 'Joe', attributes: {} }), undefined);
  assert.equal(project.getVariation(experiment, user), before);
});

test('what few users have counts for them alone, and as it is at each call', async () => {
  const segment = 'ünï\ud800🙂';
  const { project, experiment } = await mustOpen(datafileOf({ name: 'odp.audiences', type: 'third_party_dimension', match: 'qualified', value: segment }));
  /** @param {Partial<import('./user.js').User> & import('./user.js').Special} more */
  const decide = ({ id = 'Matt', attributes = {}, ...special }) => project.getVariation(experiment, toUser(id, attributes, true, special))?.key;
  const bucketed = decide({ segments: ['other', segment] });
  assert.ok(bucketed);
  const [forced, other] = ['12', '13'].map((id) => new Map([['10', id]]));
  for (const [more, expected] of /** @type {const} */ ([
    [{}, undefined], [{ segments: [segment] }, bucketed], [{ segments: [segment], attributes: {} }, bucketed],
    [{ segments: [`${segment}s`] }, undefined], [{ forced }, 'a'], [{ forced }, 'a'], [{ forced: other }, 'b'], [{ forced: other, id: 'Joe' }, 'b'],
    [{ remembered: { 10: { variation_id: '12' } } }, 'a'], [{ remembered: { 10: { variation_id: '13' } } }, 'b'], [{ remembered: {} }, undefined],
    [{ segments: [segment], remembered: {} }, bucketed], [{}, undefined],
  ])) assert.equal(decide(more), expected, JSON.stringify(more));
  const ids = Array.from({ length: 20 }, (_, i) => `u${i}`);
  const others = ids.map((id) => decide({ segments: [segment], id }));
  assert.equal(new Set(others).size, 2);
  assert.deepEqual(ids.map((id) => decide({ segments: [segment], attributes: { $opt_bucketing_id: id } })), others);
});

test('a profile keeps what was decided for one call, and not for the next', async () => {
  const flags = ['f', 'g'].map((key) => ({ id: key, key, experimentIds: ['10'], variables: [] }));
  const { project } = await mustOpen(datafileOf(everyone, { featureFlags: flags }));
  const [f, g] = flags.map(({ key }) => /** @type {import('./project.js').Flag} */ (project.flag(key)));
  const attributes = {};
  const reasons = (/** @type {boolean} */ goesOn) => {
    project.decide(g, toUser('Matt', attributes, true, { remembered: {} }), true, goesOn);
    return project.reasons('Matt').join();
  };
  const fresh = reasons(false);
  const added = project.remembered();
  assert.deepEqual(Object.keys(added), ['10']);
  assert.equal(reasons(false), fresh);
  assert.match(reasons(true), /previously activated variation/);
  assert.deepEqual(project.remembered(), added);
  assert.equal(reasons(false), fresh);
  project.decide(f, toUser('Matt', attributes, false, { remembered: added }));
  assert.deepEqual(project.remembered(), {});
});

test('the steps of a decision are told with their rule, their variation and their place on the line', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const variation = project.getVariation(experiment, { id: 'Matt', attributes: { x: 1 } }, true);
  const steps = new Inspector(project).steps();
  assert.deepEqual(steps.map(({ kind }) => kind), ['audienceAsked', 'audienceTrue', 'assignedBucket', 'bucketed']);
  assert.deepEqual(steps.map(({ rule }) => rule?.key), ['e', 'e', 'e', 'e']);
  assert.equal(steps[3].variation, variation);
  assert.equal(steps[2].bucket, Math.floor(steps[2].hash / 2 ** 32 * 10_000));
  assert.equal(project.reasons('Matt').length, steps.length);
});

test('reasons name the user of the decision, whatever was asked since', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const user = { id: 'Matt', attributes: { x: 1 } };
  project.getVariation(experiment, user);
  project.getVariation(experiment, user, true);
  const reasons = project.reasons(user.id);
  new Inspector(project).meets(condition('x', 'exact', 'y'.repeat(1000)));
  assert.match(reasons.join(), /Matt/);
  assert.deepEqual(project.reasons(user.id), reasons);
});

test('sentences that one user was told are told of the next one, with the next one\'s id and bucket', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const told = (/** @type {string} */ id, /** @type {number} */ x) => {
    const user = { id, attributes: { x } };
    project.getVariation(experiment, user, true);
    return project.reasons(user.id);
  };
  const audience = (/** @type {string} */ truth) => [
    'Evaluating audiences for experiment "e": ["5"].', `Audiences for experiment e collectively evaluated to ${truth}.`,
  ];
  const bucketed = (/** @type {string} */ id, /** @type {number} */ bucket, /** @type {string} */ variation) => [
    ...audience('TRUE'), `Assigned bucket ${bucket} to user with bucketing ID ${id}.`, `User ${id} is in variation ${variation} of experiment e.`,
  ];
  for (const [id, bucket, variation] of /** @type {[string, number, string][]} */ ([
    ['Matt', 7171, 'b'], ['Joe', 4578, 'a'], ['"\\', 4837, 'a'], ['a\0\ud800', 9380, 'b'], ['🙂', 1185, 'a'], ['', 9414, 'b'],
  ])) {
    assert.deepEqual(told(id, 1), bucketed(id, bucket, variation));
    assert.deepEqual(told(id, 2), [...audience('FALSE'), `User ${id} does not meet conditions to be in experiment e.`]);
    assert.deepEqual(told(id, 1), bucketed(id, bucket, variation));
  }
});

test('a key that a whitelist has and the experiment has not is told each user as it is', async () => {
  const whitelisting = JSON.parse(datafileOf(everyone));
  whitelisting.experiments[0].forcedVariations = { Matt: 'one', Joe: 'another', Ann: '', Eve: 'b' };
  const { project, experiment } = await mustOpen(JSON.stringify(whitelisting));
  for (const [id, key] of [['Matt', 'one'], ['Joe', 'another'], ['Ann', ''], ['Joe', 'another']]) {
    const user = { id, attributes: undefined };
    project.getVariation(experiment, user, true);
    assert.equal(project.reasons(user.id)[0], `Variation key ${key} is not in datafile. Not activating user ${id}.`);
  }
  const eve = { id: 'Eve', attributes: undefined };
  project.getVariation(experiment, eve, true);
  assert.deepEqual(project.reasons(eve.id), ['User Eve is forced in variation b.']);
});

test('a user is told again once another was told, and whatever else was asked', async () => {
  const whitelisting = JSON.parse(datafileOf(everyone));
  whitelisting.experiments[0].forcedVariations = { Matt: 'b' };
  const { engine, project, experiment } = await mustOpen(JSON.stringify(whitelisting));
  const other = engine.open(datafileOf(everyone), client);
  const matt = { id: 'Matt', attributes: undefined };
  for (const write of [
    () => other.getVariation(experiment, { id: 'Jane', attributes: undefined }),
    () => project.getVariations(experiment, ['Jane', 'y'.repeat(10_000)]),
    () => project.patch(new Uint8Array(1000)),
    () => engine.open(datafileOf(everyone), client),
  ]) {
    assert.equal(project.getVariation(experiment, matt)?.key, 'b');
    write();
    assert.equal(project.getVariation(experiment, matt)?.key, 'b', `after ${write}`);
  }
});

test('a user is told to each project', async () => {
  const { engine, project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const other = engine.open(datafileOf(condition('x', 'exact', 1)), client);
  const matt = { id: 'Matt', attributes: { x: 1 } };
  const [alone, ...rest] = [project, other, project].map((each) => each.getVariation(experiment, matt)?.key);
  assert.ok(alone);
  assert.deepEqual(rest, [alone, alone]);
});

test('whether the last user meets conditions is true, false, or null when nobody can tell', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  project.getVariation(experiment, { id: 'Matt', attributes: { x: 2 } });
  const inspector = new Inspector(project);
  assert.equal(inspector.meets(condition('x', 'gt', 1)), true);
  assert.equal(inspector.meets(condition('x', 'exact', 1)), false);
  assert.equal(inspector.meets(['or', condition('x', 'substring', '2'), condition('x', 'lt', 0)]), null);
  assert.equal(inspector.meetsAudiences(['not', '5']), true);
  assert.equal(inspector.meetsAudiences(['or', 'nothing']), null);
});

test('a bad datafile is named and leaves others as they are', async () => {
  const { engine, project, experiment } = await mustOpen(datafileOf(everyone));
  const before = project.getVariation(experiment, { id: 'Matt', attributes: undefined })?.key;
  assert.throws(() => engine.open('{"version":"9"}', client), (error) => error instanceof DatafileError && /version "9" is not supported/.test(error.message));
  assert.throws(() => engine.open('', client), DatafileError);
  assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: undefined })?.key, before);
});

test('an instance that traps is replaced, with the same datafiles, and says so', async () => {
  const { engine, project, experiment } = await mustOpen(datafileOf(everyone));
  const before = project.getVariation(experiment, { id: 'Matt', attributes: undefined })?.key;
  /** @type {unknown[]} */
  const told = [];
  engine.onReplaced = (error) => told.push(error);
  const { exports } = engine.instance;
  engine.recover(new WebAssembly.RuntimeError('unreachable'));
  assert.equal(told.length, 1);
  assert.notEqual(engine.instance.exports, exports);
  assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: undefined })?.key, before);
  assert.equal(JSON.parse(project.conversion(buy(project), { id: 'Matt', attributes: undefined }).visitor).visitor_id, 'Matt');
});

test('a call in which the instance breaks is answered by the one that replaces it, also for whom something is forced', async (t) => {
  const { engine, project, experiment } = await mustOpen(datafileOf(everyone, { featureFlags: [{ id: 'f', key: 'f', experimentIds: ['10'], variables: [] }] }));
  const flag = /** @type {import('./project.js').Flag} */ (project.flag('f'));
  const matt = { id: 'Matt', attributes: undefined };
  assert.equal(project.getVariation(experiment, matt)?.key, 'b');
  const forced = { ...matt, special: { forced: new Map([['10', '12']]) } };
  for (const call of [
    () => project.getVariation(experiment, forced)?.key, () => project.decide(flag, forced).outcome.variationKey,
    () => project.decideAll(forced)[0].outcome.variationKey, () => project.getVariation(experiment, matt)?.key,
    () => project.decideAll(matt)[0].outcome.variationKey, () => project.getVariations(experiment, ['Matt', 'Joe']).join(),
  ]) {
    const expected = call();
    const { exports, ring } = engine.instance;
    t.mock.method(ring, 'user', () => { throw new WebAssembly.RuntimeError('unreachable'); });
    assert.equal(call(), expected, String(call));
    assert.notEqual(engine.instance.exports, exports);
  }
});

test('an instance that breaks while it describes an outcome to decideAll is replaced, and every flag decided', async () => {
  const flags = ['f', 'g', 'h'].map((key) => ({ id: key, key, experimentIds: ['10'], variables: [] }));
  const { engine, project } = await mustOpen(datafileOf(everyone, { featureFlags: flags }));
  const outcome = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  engine.instance = { ...engine.instance, exports: { ...engine.instance.exports, outcome } };
  assert.deepEqual(project.decideAll({ id: 'Matt', attributes: undefined }).map((decision) => decision.outcome.variationKey), ['b', 'b', 'b']);
});

test('a datafile on which the instance breaks is refused, and the others are there as before', async (t) => {
  const { engine, project, experiment } = await mustOpen(datafileOf(everyone));
  const variation = project.getVariation(experiment, { id: 'Matt', attributes: undefined });
  for (const error of [new WebAssembly.RuntimeError('unreachable'), new RangeError('Maximum call stack size exceeded'), new EngineExit(2, 'out of memory')]) {
    const { exports, frame } = engine.instance;
    t.mock.method(frame, 'text', () => { throw error; });
    assert.throws(() => engine.open(datafileOf(everyone, { revision: '8' }), client), (thrown) => thrown instanceof DatafileError && thrown.message.includes(error.message));
    assert.notEqual(engine.instance.exports, exports);
    assert.equal(project.getVariation(experiment, { id: 'Matt', attributes: undefined }), variation);
  }
});

test('a datafile that has much in common with an open one is read as it is, also after the instance broke', async () => {
  const long = Array.from({ length: 300 }, (_, i) => ({ id: `1${i}`, key: `key_${i}` }));
  const texts = [
    { revision: '8' }, { revision: '10' }, { revision: '10', events: long }, { revision: '11', events: long.slice(1) }, { revision: 'é', events: long },
    { revision: '12', events: [{ id: '9', key: 'buy' }, ...long] },
  ].map((more) => datafileOf(everyone, more));
  const { engine, project } = await mustOpen(datafileOf(everyone));
  const opened = [project];
  const check = () => {
    for (const { datafile, facts, inside: { exports, handle } } of opened) {
      const { revision, events } = JSON.parse(new TextDecoder().decode(engine.instance.frame.result(exports.describe(handle))));
      const wanted = JSON.parse(datafile);
      assert.deepEqual([revision, facts.revision, events], [wanted.revision, wanted.revision, wanted.events.map((/** @type {any} */ event) => event.key)]);
    }
  };
  for (const text of texts) {
    opened.push(engine.open(text, client));
    check();
    engine.recover(new WebAssembly.RuntimeError('unreachable'));
    check();
    if (opened.length > 3) opened.splice(1, 1)[0].close();
  }
});

test('an instance that replaces another one numbers its sentences anew', async () => {
  const { engine, project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const told = (/** @type {number} */ x) => {
    project.getVariation(experiment, { id: 'Matt', attributes: { x } }, true);
    return project.reasons('Matt');
  };
  const [met, unmet] = [told(1), told(2)];
  engine.recover(new WebAssembly.RuntimeError('unreachable'));
  assert.deepEqual([told(2), told(1)], [unmet, met]);
});

test('a closed project makes room for another', async () => {
  const { engine, project } = await mustOpen(datafileOf(everyone));
  project.close();
  const again = engine.open(datafileOf(everyone, { revision: '8' }), client);
  assert.equal(again.facts.revision, '8');
});

test('a delta makes the newer datafile of the project’s own, and of no other', async () => {
  const { engine, project } = await mustOpen(datafileOf(everyone));
  const delta = Buffer.from('13e28abf11de0c7d37000238b90702', 'hex'); // by wasm/engine/delta: copy 27, insert "8", copy the rest
  assert.equal(project.patch(delta), datafileOf(everyone, { revision: '8' }));
  assert.equal(engine.open(datafileOf(everyone, { revision: '6', accountId: '3' }), client).patch(delta), undefined);
  assert.equal(project.patch(delta.subarray(1)), undefined);
  assert.equal(project.patch(new Uint8Array()), undefined);
});

test('updating a large datafile again and again does not fill memory, whether there is time to free what is left or none', async () => {
  const experiments = Array.from({ length: 2000 }, (_, i) => ({
    id: String(i), key: `experiment_${i}`, layerId: '1', status: 'Running', variations: [{ id: `1${i}`, key: 'a' }], trafficAllocation: [], audienceIds: [],
  }));
  const sizes = [];
  for (const idle of [() => new Promise((resolve) => setTimeout(resolve)), () => undefined]) {
    const engine = await Engine.load(besideURL());
    const size = () => engine.instance.exports.memory.buffer.byteLength;
    const update = (/** @type {number} */ revision) => engine.open(datafileOf(everyone, { experiments, revision: String(revision) }), client).close();
    for (let i = 0; i < 40; i++, await idle()) update(i);
    const before = size();
    for (let i = 0; i < 40; i++, await idle()) update(i);
    assert.ok(size() <= before * 1.5, `${before} bytes grew to ${size()}`);
    sizes.push(size());
  }
  assert.ok(sizes[0] < sizes[1] / 2, `${sizes}: idle time has no part in it`);
});

test('what an application may look through needs little more memory than its own text', async () => {
  const variables = Array.from({ length: 3 }, (_, i) => ({ id: `v${i}`, key: `variable_${i}`, type: 'string', defaultValue: 'd'.repeat(20) }));
  const experiments = Array.from({ length: 3000 }, (_, i) => ({
    id: String(i), key: `experiment_${i}`, layerId: '1', status: 'Running', trafficAllocation: [], audienceIds: [],
    variations: [{ id: `1${i}`, key: 'a', featureEnabled: true, variables: [{ id: 'v1', value: 'set' }] }],
  }));
  const featureFlags = [{ id: 'f', key: 'f', rolloutId: '', experimentIds: experiments.map(({ id }) => id), variables }];
  const engine = await Engine.load(besideURL());
  const project = engine.open(datafileOf(everyone, { experiments, featureFlags }), client);
  const size = () => engine.instance.exports.memory.buffer.byteLength;
  const before = size();
  const { length } = JSON.stringify(project.optimizelyConfig);
  assert.ok(size() - before < 2 * length, `${before} bytes grew to ${size()} for ${length}`);
});

test('the module comes from bytes, a response of any type, or a compiled module', async () => {
  const bytes = await readFile(new URL('./engine.wasm', import.meta.url));
  const module = await loadModule(bytes);
  assert.equal(await loadModule(module), module);
  const foreign = new (runInNewContext('WebAssembly.Module'))(bytes); // as in the edge runtime of Next.js
  const engine = await Engine.load(foreign);
  assert.ok(engine.open(datafileOf(everyone), client).experiment('e'));
  for (const type of ['application/wasm', 'text/plain']) {
    assert.ok(await loadModule(new Response(bytes, { headers: { 'content-type': type } })) instanceof WebAssembly.Module);
  }
});

test('what cannot be loaded is told in a sentence, and may be tried again', async () => {
  await assert.rejects(loadModule(new Response('<!doctype html>', { headers: { 'content-type': 'application/wasm' } })), /Is engine.wasm what the server sent/);
  await assert.rejects(loadModule(new Response('', { status: 404 })), /answered 404/);
  await assert.rejects(loadModule('http://127.0.0.1:1/engine.wasm'), /could not be fetched/);
  assert.equal(await besideEngine.load(), await besideEngine.load());
});

test('many users at once get what each of them gets alone', async () => {
  const { project, experiment } = await mustOpen(datafileOf(condition('x', 'exact', 1)));
  const ids = ['', 'Matt', '\ud800🙂', 'ü'.repeat(5), 'x'.repeat(300_000), ...Array.from({ length: 20_000 }, (_, i) => `visitor_${i}`), 'y'.repeat(300_000)];
  for (const attributes of [{ x: 1 }, { x: 2 }, { x: 1, $opt_bucketing_id: 'Joe' }]) {
    const alone = ids.map((id) => project.getVariation(experiment, { id, attributes })?.key ?? null);
    assert.deepEqual(project.getVariations(experiment, ids, attributes), alone);
  }
  assert.deepEqual(project.getVariations(experiment, []), []);
});
