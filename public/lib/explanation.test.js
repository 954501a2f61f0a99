import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { besideEngine } from '../sdk/beside.js';
import { parseWithNulls } from './datafile.js';
import { deciding, explain } from './explanation.js';
import { completeFeatureRollouts } from './feature_rollouts.js';
import { subjectsOf, suppositionsOf } from './question.js';

const condition = (/** @type {string} */ name, /** @type {string} */ match, /** @type {unknown} */ value) => ({ type: 'custom_attribute', name, match, value });
const rule = (/** @type {string} */ id, /** @type {string} */ key, /** @type {object} */ more = {}) => ({
  id, key, status: 'Running', layerId: '1', audienceIds: [], variations: [{ id: `${id}1`, key: `${key}-on` }],
  trafficAllocation: [{ entityId: `${id}1`, endOfRange: 10000 }], ...more,
});

const SHOP = {
  version: '4', revision: '7', accountId: '1', projectId: '2', attributes: [{ id: '21', key: 'plan' }, { id: '22', key: 'age' }],
  typedAudiences: [{ id: '5', name: 'grown-ups', conditions: ['and', ['or', condition('age', 'ge', 18)], ['not', condition('plan', 'exact', 'none')]] }],
  audiences: [{ id: '6', name: 'gold', conditions: JSON.stringify(['or', condition('plan', 'exact', 'gold')]) }],
  experiments: [
    rule('10', 'everyone'), rule('11', 'adults', { audienceIds: ['5'] }), rule('12', 'tree', { audienceConditions: ['and', '5', '6'] }),
    rule('13', 'draft', { status: 'Not started' }), rule('14', 'listed', { forcedVariations: { Matt: 'listed-on', Joe: 'gone' } }),
    rule('15', 'nobody', { trafficAllocation: [] }),
  ],
  groups: [{ id: '30', policy: 'random', trafficAllocation: [{ entityId: '31', endOfRange: 10000 }], experiments: [rule('31', 'chosen'), rule('32', 'left-out')] }],
  rollouts: [{ id: '40', experiments: [rule('41', 'gold-only', { audienceIds: ['6'] }), rule('42', 'the-rest')] }],
  featureFlags: [{ id: '50', key: 'shelf', rolloutId: '40', experimentIds: ['15', '11'], variables: [{ id: '1', key: 'sort', type: 'string', defaultValue: 'price' }] }],
};

/** @param {any} datafile */
async function mustOpen(datafile) {
  const engine = await besideEngine.load();
  const text = JSON.stringify(datafile);
  return { project: engine.open(text, { clientName: 'test', clientVersion: '1' }), datafile: parseWithNulls(text) };
}

/** @param {Partial<import('./explanation.js').Question>} question */
async function explained(question) {
  const { project, datafile } = await mustOpen(SHOP);
  return explain(project, datafile, { visitor: 'Matt', attributes: {}, kind: 'experiment', key: 'everyone', forced: '', remembered: '', ...question });
}

/** @param {import('./explanation.js').Station} station */
const statesOf = ({ checks }) => Object.fromEntries(checks.map(({ name, state }) => [name, state]));

test('an experiment is told check by check, down to the bucket', async () => {
  const { verdict, stations: [station], reasons } = await explained({});
  assert.deepEqual(verdict, { variation: 'everyone-on', rule: 'everyone' });
  assert.deepEqual(statesOf(station), { 'Status': 'yes', 'Forced variation': 'none', 'Allowlist': 'none', 'Profile': 'none', 'Audience': 'yes', 'Traffic': 'decides' });
  const { line } = station.checks[5];
  assert.deepEqual(line?.hashed, ['Matt', '10']);
  assert.equal(line?.bucket, Math.floor((line?.hash ?? 0) / 2 ** 32 * 10_000));
  assert.deepEqual(line?.ranges, [{ from: 0, to: 10000, name: 'everyone-on', holds: true }]);
  assert.match(reasons.at(-1) ?? '', /Matt is in variation everyone-on/);
});

test('what ends the way ends it, and the rest is not asked', async () => {
  for (const [key, name, state, more] of /** @type {[string, string, string, object][]} */ ([
    ['draft', 'Status', 'no', {}], ['adults', 'Audience', 'no', { attributes: { age: 17 } }], ['nobody', 'Traffic', 'no', {}], ['left-out', 'Exclusion group', 'no', {}],
    ['chosen', 'Traffic', 'decides', {}], ['listed', 'Allowlist', 'decides', {}], ['listed', 'Traffic', 'decides', { visitor: 'Joe' }],
    ['everyone', 'Forced variation', 'decides', { forced: 'everyone-on' }], ['everyone', 'Profile', 'decides', { remembered: '10,101' }],
  ])) {
    const { stations: [station] } = await explained({ key, ...more });
    const at = station.checks.findIndex((check) => check.name === name);
    assert.equal(station.checks[at].state, state, `${key}: ${name}`);
    assert.ok(station.checks.slice(at + 1).every((check) => check.state === 'skipped'), `${key}: what follows ${name}`);
  }
});

test('an audience is a tree in which the engine says of each part whether it holds', async () => {
  const { stations: [station] } = await explained({ key: 'tree', attributes: { plan: 'gold' } });
  const { audience } = station.checks[4];
  const told = (/** @type {any} */ { kind, words, actual, truth, parts }) => [kind, words, actual, truth, ...parts.map(told)];
  assert.deepEqual(told(audience), ['and', '', '', null,
    ['audience', 'grown-ups', '', null, ['and', '', '', null,
      ['or', '', '', null, ['condition', 'age at least 18', 'is not set', null]],
      ['not', '', '', true, ['condition', 'plan is "none"', 'is "gold"', false]]]],
    ['audience', 'gold', '', true, ['or', '', '', true, ['condition', 'plan is "gold"', 'is "gold"', true]]]]);
});

test('a match that no engine knows is told as one, whatever it is called', async () => {
  for (const match of ['constructor', 'like', null]) {
    const typedAudiences = [{ id: '5', name: 'odd', conditions: ['or', { ...condition('age', 'exact', 18), match }] }];
    const { project, datafile } = await mustOpen({ ...SHOP, typedAudiences });
    const { stations: [{ checks }] } = explain(project, datafile, { visitor: 'Matt', attributes: { age: 18 }, kind: 'experiment', key: 'adults', forced: '', remembered: '' });
    const [{ words, truth }] = checks.find(({ name }) => name === 'Audience')?.audience?.parts[0].parts[0].parts ?? [];
    assert.deepEqual([words, truth], [`age “${match}”, which no engine knows, 18`, null]);
  }
});

test('a flag is told rule by rule, those that were not asked included', async () => {
  const { stations, verdict } = await explained({ kind: 'flag', key: 'shelf', attributes: { age: 18, plan: 'free' } });
  assert.deepEqual(stations.map(({ kind, key, outcome }) => [kind, key, outcome]), [
    ['experiment', 'nobody', 'passed'], ['experiment', 'adults', 'decided'], ['delivery', 'gold-only', 'not asked'], ['delivery', 'the-rest', 'not asked'],
  ]);
  assert.deepEqual(verdict, { variation: 'adults-on', rule: 'adults', enabled: false, source: 'feature-test', variables: { sort: 'price' } });
  const forced = await explained({ kind: 'flag', key: 'shelf', forced: 'the-rest-on' });
  assert.deepEqual(forced.stations.map(({ kind, outcome }) => `${kind} ${outcome}`), ['flag decided', 'experiment not asked', 'experiment not asked', 'delivery not asked', 'delivery not asked']);
});

test('the rules of a flag are found whether their ids are numbers or texts', async () => {
  const [flag] = SHOP.featureFlags;
  const { project, datafile } = await mustOpen({ ...SHOP, featureFlags: [{ ...flag, rolloutId: 40, experimentIds: [15, 11] }] });
  const { stations } = explain(project, datafile, { visitor: 'Matt', attributes: {}, kind: 'flag', key: 'shelf', forced: 'the-rest-on', remembered: '' });
  assert.deepEqual(stations.map(({ key, outcome }) => `${key} ${outcome}`), [
    'shelf decided', 'adults not asked', 'nobody not asked', 'gold-only not asked', 'the-rest not asked',
  ]);
});

test('what the datafile does not have is named', async () => {
  await assert.rejects(explained({ key: 'no-such' }), /Revision 7 has no experiment no-such\./);
  await assert.rejects(explained({ kind: 'flag', key: 'no-such' }), /Revision 7 has no flag no-such\./);
});

test('a list that is null counts as an empty one, as for the engine', async () => {
  const flag = { id: '50', key: 'shelf', rolloutId: '40', experimentIds: null, variables: [] };
  const projects = [
    { experiments: null, groups: null, rollouts: null, featureFlags: [flag] },
    { experiments: [rule('10', 'bare', { variations: null, trafficAllocation: null })], groups: [{ id: '30', policy: 'random' }], rollouts: [{ id: '40', experiments: null }], featureFlags: [{ ...flag, experimentIds: ['10'] }] },
  ];
  for (const parts of projects) {
    const { project, datafile } = await mustOpen({ version: '4', revision: '7', accountId: '1', projectId: '2', ...parts });
    completeFeatureRollouts(datafile);
    const question = /** @type {const} */ ({ visitor: 'Matt', attributes: {}, kind: 'flag', key: 'shelf', forced: '', remembered: '' });
    assert.deepEqual(subjectsOf(datafile).flags, ['shelf']);
    suppositionsOf(datafile, question);
    if (datafile.featureFlags[0].experimentIds) explain(project, datafile, question); // else the engine says itself what is missing
    project.close();
  }
});

test('of each golden decision the station that decided is the rule that decided', async () => {
  const { decisions } = JSON.parse(await readFile(new URL('../../wasm/engine/enginetest/testdata/vectors.json', import.meta.url), 'utf8'));
  let told = 0;
  for (const { datafile, user_id: visitor, attributes, keys } of decisions.cases) {
    const { project } = await mustOpen(datafile);
    completeFeatureRollouts(datafile);
    for (const key of keys.filter((/** @type {string} */ each) => project.flag(each))) {
      const question = /** @type {const} */ ({ visitor, attributes: attributes ?? {}, kind: 'flag', key, forced: '', remembered: '' });
      const { verdict, stations } = explain(project, datafile, question);
      const decided = stations.filter(({ outcome }) => outcome === 'decided').map((station) => station.key);
      assert.deepEqual(decided, verdict.rule === null ? [] : [verdict.rule], `${key}: ${JSON.stringify(question)}`);
      deciding(project, question)();
      told++;
    }
    project.close();
  }
  assert.ok(told > 50, `${told} decisions`);
});
