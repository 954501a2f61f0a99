import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseDatafile } from './datafile.js';
import { describeDifference, describeRevision } from './datafile-difference.js';

const demo = readFileSync(new URL('../demo/datafile.json', import.meta.url), 'utf8');

/** The demo with one of everything. @returns {any} */
function makeProject() {
  const project = JSON.parse(demo);
  project.typedAudiences = [{ id: '11', name: 'On a phone', conditions: ['or'] }, { id: '12', name: 'In France', conditions: ['or'] }];
  project.groups = [{ id: '21', policy: 'random', trafficAllocation: [{ entityId: '22', endOfRange: 5000 }, { entityId: '23', endOfRange: 10_000 }],
    experiments: ['22', '23'].map((id) => ({ id, key: `banner-${id}`, variations: [], trafficAllocation: [] })) }];
  project.featureFlags = [{ id: '31', key: 'sorting', rolloutId: '41', experimentIds: [],
    variables: [{ id: '32', key: 'label', type: 'string', defaultValue: 'Sort' }] }];
  project.rollouts = [{ id: '41', experiments: [makeRule('42', 'early'), makeRule('43', 'everyone')] }];
  project.experiments[0].variations[0].variables = [{ id: '32', value: 'By price' }];
  project.experiments[0].forcedVariations = { Matt: 'price', Joe: 'category' };
  return project;
}

/**
 * @param {string} id
 * @param {string} key
 */
function makeRule(id, key) {
  return { id, key, status: 'Running', audienceIds: [], trafficAllocation: [{ entityId: `${id}0`, endOfRange: 2000 }],
    variations: [{ id: `${id}0`, key: 'on', featureEnabled: true, variables: [] }] };
}

/**
 * @param {(project: any, experiment: any) => void} edit
 * @returns {string[]}
 */
function differenceAfter(edit) {
  const after = makeProject();
  edit(after, after.experiments[0]);
  return describeDifference(makeProject(), after);
}

/** @type {[string, (project: any, experiment: any) => void, string[]][]} */
const cases = [
  ['a new revision alone changes nothing', (p) => (p.revision = '2'), ['nothing that changes a decision']],

  ['moved traffic is told in shares', (p, e) => (e.trafficAllocation[0].endOfRange = 8000), ['item-sort traffic 50/50 to 80/20']],
  ['traffic that reaches no variation is left out', (p, e) => (e.trafficAllocation[1].endOfRange = 9000),
    ['item-sort traffic 50/50 to 50/40, 10 left out']],
  ['an empty entity is nobody', (p, e) => e.trafficAllocation.unshift({ entityId: '', endOfRange: 1000 }),
    ['item-sort traffic 50/50 to 40/50, 10 left out']],
  ['shares are told to a bucket', (p, e) => (e.trafficAllocation[0].endOfRange = 3333), ['item-sort traffic 50/50 to 33.33/66.67']],
  ['a single bucket is a share', (p, e) => (e.trafficAllocation[0].endOfRange = 9999), ['item-sort traffic 50/50 to 99.99/0.01']],
  ['equal shares of other ranges are told apart', (p, e) => e.trafficAllocation.splice(0, 2,
    { entityId: '20422043318', endOfRange: 5000 }, { entityId: '20402531206', endOfRange: 10_000 }),
  ['item-sort traffic dealt out anew in the same shares']],
  ['no traffic at all', (p, e) => (e.trafficAllocation = []), ['item-sort traffic 50/50 to 0/0, 100 left out']],

  ['a paused experiment', (p, e) => (e.status = 'Paused'), ['item-sort running to paused']],
  ['an experiment that loses its status', (p, e) => delete e.status, ['item-sort running to no status']],
  ['a new experiment', (p, e) => p.experiments.push({ ...e, id: '9', key: 'banner' }), ['experiment banner added']],
  ['a removed experiment', (p) => p.experiments.pop(), ['experiment item-sort removed']],
  ['a renamed experiment', (p, e) => (e.key = 'item-order'), ['experiment item-sort renamed to item-order']],
  ['an experiment of the same key with another id', (p, e) => (e.id = '9'), ['experiment item-sort made anew']],
  ['an experiment in another layer', (p, e) => (e.layerId = '9'), ['item-sort moved to another layer']],

  ['a new variation', (p, e) => e.variations.push({ id: '7', key: 'colour' }),
    ['item-sort traffic 50/50 to 50/50/0', 'item-sort variation colour added']],
  ['a removed variation', (p, e) => e.variations.pop(), ['item-sort traffic 50/50 to 50%', 'item-sort variation category removed']],
  ['a renamed variation', (p, e) => (e.variations[0].key = 'cost'), ['item-sort variation price renamed to cost']],
  ['a variation made anew is paired by its key', (p, e) => {
    e.variations[0].id = '7';
    e.trafficAllocation[0].entityId = '7';
  }, ['item-sort traffic dealt out anew in the same shares', 'item-sort variation price made anew']],
  ['a variation turned on', (p, e) => (e.variations[1].featureEnabled = true), ['item-sort variation category turned on']],
  ['a variable of a variation', (p, e) => (e.variations[0].variables[0].value = 'Cheap first'),
    ['item-sort variation price variable label "By price" to "Cheap first"']],
  ['a variable that a variation sets', (p, e) => (e.variations[1].variables = [{ id: '32', value: 'By kind' }]),
    ['item-sort variation category variable label set to "By kind"']],
  ['a variable that a variation no longer sets', (p, e) => (e.variations[0].variables = []),
    ['item-sort variation price variable label back to its default']],

  ['a new audience and its use', (p, e) => {
    p.typedAudiences.push({ id: '13', name: 'At night', conditions: ['or'] });
    e.audienceIds.push('13');
  }, ['item-sort audience At night added', 'audience At night added']],
  ['a rollout rule for an audience', (p) => (p.rollouts[0].experiments[0].audienceIds = ['11']), ['sorting rollout rule early audience On a phone added']],
  ['conditions in place of ids', (p, e) => {
    e.audienceConditions = ['not', '11'];
    e.audienceIds = ['11'];
  }, ['item-sort audience On a phone added']],
  ['a changed audience', (p) => (p.typedAudiences[0].conditions = ['and']), ['audience On a phone changed']],
  ['a removed audience', (p) => p.typedAudiences.pop(), ['audience In France removed']],
  ['a renamed audience', (p) => (p.typedAudiences[1].name = 'In Italy'), ['audience In France renamed to In Italy']],
  ['an untyped audience behind a typed one does not count', (p) => p.audiences.push({ id: '11', name: 'Old', conditions: '' }),
    ['nothing that changes a decision']],

  ['whitelisted visitors are counted, not named', (p, e) => (e.forcedVariations = { Matt: 'category', Ada: 'price', Eve: 'price' }),
    ['item-sort whitelist: 2 added, 1 removed, 1 moved']],

  ['a new group', (p) => p.groups.push({ id: '29', policy: 'random', experiments: [] }), ['group 29 added']],
  ['a removed group leaves its experiments alone', (p) => p.experiments.push(...p.groups.pop().experiments),
    ['banner-22 left group 21', 'banner-23 left group 21', 'group 21 removed']],
  ['an experiment that moves into a group', (p) => p.groups[0].experiments.push(...p.experiments.splice(0)),
    ['group 21 traffic 50/50 to 50/50/0', 'item-sort moved into group 21']],
  ['the policy of a group', (p) => (p.groups[0].policy = 'overlapping'), ['group 21 random to overlapping']],
  ['the traffic of a group', (p) => (p.groups[0].trafficAllocation[0].endOfRange = 8000), ['group 21 traffic 50/50 to 80/20']],

  ['a new flag', (p) => p.featureFlags.push({ id: '33', key: 'banner' }), ['flag banner added']],
  ['a removed flag', (p) => p.featureFlags.pop(), ['flag sorting removed']],
  ['a renamed flag', (p) => (p.featureFlags[0].key = 'order'), ['flag sorting renamed to order']],
  ['a flag with an experiment more', (p, e) => p.featureFlags[0].experimentIds.push(e.id), ['flag sorting has other experiments']],
  ['a flag with another rollout', (p) => (p.featureFlags[0].rolloutId = '49'), ['flag sorting has another rollout']],
  ['a new variable', (p) => p.featureFlags[0].variables.push({ id: '34', key: 'limit' }), ['flag sorting variable limit added']],
  ['the default of a variable', (p) => (p.featureFlags[0].variables[0].defaultValue = 'Order'), ['flag sorting variable label default "Sort" to "Order"']],
  ['the type of a variable', (p) => (p.featureFlags[0].variables[0].type = 'json'), ['flag sorting variable label is now of type json']],

  ['a rollout rule that reaches more', (p) => (p.rollouts[0].experiments[0].trafficAllocation[0].endOfRange = 4000),
    ['sorting rollout rule early traffic 20% to 40%']],
  ['a rollout rule that is paused', (p) => (p.rollouts[0].experiments[0].status = 'Paused'), ['sorting rollout rule early running to paused']],
  ['a rollout rule that is turned off', (p) => (p.rollouts[0].experiments[1].variations[0].featureEnabled = false),
    ['sorting rollout rule everyone variation on turned off']],
  ['a new rollout rule', (p) => p.rollouts[0].experiments.push(makeRule('44', 'late')), ['sorting rollout rule late added']],
  ['a removed rollout rule', (p) => p.rollouts[0].experiments.shift(), ['sorting rollout rule early removed']],
  ['rollout rules in another order', (p) => p.rollouts[0].experiments.reverse(), ['sorting rollout rules in another order']],

  ['a new event', (p) => p.events.push({ id: '8', key: 'visit' }), ['event visit added']],
  ['a removed event', (p) => p.events.pop(), ['event item_purchase removed']],
  ['a renamed event', (p) => (p.events[0].key = 'purchase'), ['event item_purchase renamed to purchase']],
  ['an event of other experiments', (p) => (p.events[0].experimentIds = []), ['event item_purchase belongs to other experiments']],
  ['a new attribute', (p) => p.attributes.push({ id: '7', key: 'country' }), ['attribute country added']],
  ['a removed attribute', (p) => p.attributes.pop(), ['attribute device removed']],

  ['a switch of the project', (p) => (p.botFiltering = true), ['bot filtering on']],
  ['a switch that is gone is off', (p) => delete p.anonymizeIP, ['IP anonymisation off']],
  ['a fact of the project', (p) => (p.environmentKey = 'staging'), ['environmentKey production to staging']],
  ['what this page knows nothing of', (p) => (p.holdouts = [{ id: '1' }]), ['holdouts changed']],
];

for (const [name, edit, want] of cases) {
  test(name, () => assert.deepEqual(differenceAfter(edit), want));
}

test('an audience taken away is told by the name it had', () => {
  const before = makeProject();
  before.experiments[0].audienceIds = ['12'];
  const after = makeProject();
  after.typedAudiences.pop();
  assert.deepEqual(describeDifference(before, after), ['item-sort audience In France removed', 'audience In France removed']);
});

test('audiences that are only combined otherwise are told to be', () => {
  const [before, after] = [makeProject(), makeProject()];
  before.experiments[0].audienceConditions = ['or', '11', '12'];
  after.experiments[0].audienceConditions = ['and', '11', '12'];
  assert.deepEqual(describeDifference(before, after), ['item-sort audiences combined anew']);
});

test('what matters most comes first', () => {
  const lines = differenceAfter((p, e) => {
    p.botFiltering = true;
    p.events.push({ id: '8', key: 'visit' });
    p.featureFlags.push({ id: '33', key: 'banner' });
    e.audienceIds.push('11');
    e.trafficAllocation[0].endOfRange = 8000;
    e.status = 'Paused';
  });
  assert.deepEqual(lines, ['item-sort running to paused', 'item-sort traffic 50/50 to 80/20', 'item-sort audience On a phone added',
    'flag banner added', 'event visit added', 'bot filtering on']);
});

test('many changes are counted, not listed', () => {
  const lines = differenceAfter((p) => {
    for (let i = 0; i < 20; i++) p.events.push({ id: `n${i}`, key: `event_${i}` });
  });
  assert.equal(lines.length, 6);
  assert.equal(lines.at(-1), 'and 15 more changes');
  assert.deepEqual(describeDifference({ events: [] }, { events: makeProject().events, attributes: makeProject().attributes }, 1), ['and 2 more changes']);
});

test('long names are cut, so a line stays a line', () => {
  const [line] = differenceAfter((p) => p.events.push({ id: '8', key: 'x'.repeat(5000) }));
  assert.equal(line, `event ${'x'.repeat(39)}… added`);
});

test('a datafile with nothing in it, or with null for nothing, can be compared', () => {
  assert.deepEqual(describeDifference({}, {}), ['nothing that changes a decision']);
  const nothing = parseDatafile('{"experiments":null,"groups":null,"featureFlags":null,"rollouts":null,"events":null,"audiences":null}');
  assert.deepEqual(describeDifference({}, nothing), ['nothing that changes a decision']);
});

test('a revision that stays the same is called edited', () => {
  assert.equal(describeRevision({ revision: '41' }, { revision: '42' }), 'Revision 41 → 42');
  assert.equal(describeRevision({ revision: '41' }, { revision: '41' }), 'Revision 41, edited');
});

test('an id that is a number is that of what has it as text', () => {
  const before = makeProject();
  for (const range of before.experiments[0].trafficAllocation) range.entityId = Number(range.entityId);
  const after = structuredClone(before);
  after.featureFlags[0].rolloutId = 41;
  after.experiments[0].trafficAllocation[0].endOfRange = 8000;
  after.rollouts[0].experiments[0].status = 'Paused';
  after.events[0].id = Number(after.events[0].id);
  const [read, reread] = [before, after].map((datafile) => parseDatafile(JSON.stringify(datafile)));
  assert.deepEqual(describeDifference(read, reread), ['sorting rollout rule early running to paused', 'item-sort traffic 50/50 to 80/20']);
});
