/** What an application may do, meanwhile or later, with what it gave to the SDK and got from it: nothing comes out otherwise than officially. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDatafile, official, ours, plain } from './testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

const variations = [{ id: '11', key: 'on', featureEnabled: true, variables: [{ id: 'v1', value: '{"list":[1]}' }] }, { id: '12', key: 'off', featureEnabled: false }];
const datafile = makeDatafile({
  experiments: [
    { id: '1', key: 'rule', status: 'Running', layerId: '21', audienceIds: [], forcedVariations: {}, variations, trafficAllocation: [{ entityId: '11', endOfRange: 10000 }] },
    { id: '2', key: 'segmented', status: 'Running', layerId: '22', audienceIds: ['501'], forcedVariations: {}, variations, trafficAllocation: [{ entityId: '11', endOfRange: 10000 }] },
  ],
  featureFlags: [
    { id: '101', key: 'flag', rolloutId: '', experimentIds: ['1'], variables: [{ id: 'v1', key: 'data', type: 'json', defaultValue: '{}' }] },
    { id: '102', key: 'segmented', rolloutId: '', experimentIds: ['2'], variables: [] },
  ],
  typedAudiences: [{ id: '501', name: 's', conditions: ['or', { name: 'odp.audiences', type: 'third_party_dimension', match: 'qualified', value: 'vip' }] }],
});

/**
 * @param {string} name
 * @param {(client: any, log: unknown[], sdk: any) => unknown} act logs what it sees
 * @param {(log: unknown[], sdk: any) => Record<string, unknown>} [config]
 */
function sameWhen(name, act, config = () => ({})) {
  test(name, async () => {
    const logs = await Promise.all([us, them].map(async (sdk) => {
      /** @type {unknown[]} */
      const log = [];
      const client = sdk.createInstance({
        projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }),
        eventProcessor: sdk.createForwardingEventProcessor({ dispatchEvent: async (/** @type {any} */ event) => log.push(['sent', plain(event.params.visitors)]) }),
        ...config(log, sdk),
      });
      await act(client, log, sdk);
      await client.close();
      return log;
    }));
    assert.notEqual(logs[1].length, 0);
    assert.deepEqual(logs[0], logs[1]);
  });
}

/** @param {any} decision */
const short = ({ variationKey, enabled, variables, ruleKey, reasons }) => plain({ variationKey, enabled, variables, ruleKey, reasons });

sameWhen('a decision stays as it was made, whatever becomes of its user', (client, log) => {
  const user = client.createUserContext('u', { country: 'us' });
  user.setForcedDecision({ flagKey: 'flag', ruleKey: 'rule' }, { variationKey: 'off' });
  const decision = user.decide('flag');
  user.setAttribute('country', 'de');
  user.setForcedDecision({ flagKey: 'other' }, { variationKey: 'x' });
  user.setForcedDecision({ flagKey: 'flag', ruleKey: 'later' }, { variationKey: 'x' });
  user.removeForcedDecision({ flagKey: 'flag', ruleKey: 'rule' });
  const { userContext } = decision;
  log.push(short(decision), userContext.getAttributes());
  for (const where of [{ flagKey: 'flag', ruleKey: 'rule' }, { flagKey: 'flag', ruleKey: 'later' }, { flagKey: 'other' }]) log.push(userContext.getForcedDecision(where));
  log.push(short(userContext.decide('flag')), short(user.decide('flag')));
});

sameWhen('the forced decision that was given and the one that is got are copies or not, as officially', (client, log) => {
  const user = client.createUserContext('u');
  const [where, decision] = [{ flagKey: 'flag' }, { variationKey: 'off' }];
  user.setForcedDecision(where, decision);
  decision.variationKey = 'on';
  where.flagKey = 'other';
  const got = user.getForcedDecision({ flagKey: 'flag' });
  log.push(plain(got), short(user.decide('flag')));
  got.variationKey = 'unknown';
  log.push(plain(user.getForcedDecision({ flagKey: 'flag' })), short(user.decide('flag', ['INCLUDE_REASONS'])));
  log.push(user.removeForcedDecision({ flagKey: 'flag' }), user.removeForcedDecision({ flagKey: 'flag' }), user.getForcedDecision({ flagKey: 'flag' }), user.removeAllForcedDecisions());
});

sameWhen('what is forced counts from the next decision on, however often it changes', (client, log) => {
  const user = client.createUserContext('u');
  const look = (/** @type {any} */ context) => log.push(...[[], [], ['INCLUDE_REASONS']].map((options) => short(context.decide('flag', options))), plain(context.decideForKeys(['flag', 'segmented'])).flag.variationKey);
  for (const variationKey of ['off', 'on', 'off', 'unknown', '', 'on']) {
    for (const ruleKey of [undefined, 'rule']) {
      user.setForcedDecision({ flagKey: 'flag', ruleKey }, { variationKey });
      look(user);
    }
    user.removeForcedDecision({ flagKey: 'flag' });
    look(user);
    client.setForcedVariation('rule', 'u', variationKey);
    user.removeAllForcedDecisions();
    look(user);
    log.push(client.getVariation('rule', 'u'), client.getVariation('rule', 'other'), client.setForcedVariation('rule', 'u', null));
  }
  user.setForcedDecision({ flagKey: 'flag' }, { variationKey: 'on' });
  const { userContext } = user.decide('flag');
  userContext.setForcedDecision({ flagKey: 'flag' }, { variationKey: 'off' });
  for (const context of [user, userContext]) look(context);
});

sameWhen('segments that are changed in place count', (client, log) => {
  const user = client.createUserContext('u');
  const segments = ['other'];
  user.qualifiedSegments = segments;
  const early = user.decide('segmented');
  segments.push('vip');
  log.push(short(early), user.isQualifiedFor('vip'), short(user.decide('segmented')), early.userContext.isQualifiedFor('vip'), short(early.userContext.decide('segmented')));
  user.qualifiedSegments = null;
  log.push(user.isQualifiedFor('vip'), short(user.decide('segmented')));
});

sameWhen('what a decision holds may be changed without another one seeing it', (client, log) => {
  const user = client.createUserContext('u');
  const first = user.decide('flag', ['INCLUDE_REASONS']);
  first.variables.data.list.push(2);
  first.variables.more = true;
  first.reasons.length = 0;
  log.push(short(user.decide('flag', ['INCLUDE_REASONS'])), plain(client.getFeatureVariableJSON('flag', 'data', 'u')));
});

sameWhen('attributes are any object, and are read as officially', (client, log) => {
  class Person {
    country = 'us';
    get age() {
      return 5;
    }
  }
  const bare = Object.assign(Object.create(null), { country: 'us' });
  for (const attributes of [new Person(), bare, Object.freeze({ country: 'us' }), Object.create({ country: 'us' }), { country: 'us', [Symbol('s')]: 1 }, new Map([['country', 'us']]), /x/]) {
    const user = client.createUserContext('u', attributes);
    log.push(plain(user.getAttributes()), short(user.decide('flag')), client.activate('rule', 'u', attributes), client.isFeatureEnabled('flag', 'u', attributes));
  }
});

sameWhen('attributes that decide for others while they are read change nothing about either', (client, log) => {
  client.setForcedVariation('rule', 'forced', 'off');
  const variation = (/** @type {string} */ id, attributes = {}) => client.getVariation('rule', id, attributes);
  const askingFor = (/** @type {string} */ id) => ({ get country() { log.push(variation(id)); return 'us'; } });
  for (const [id, other] of [['forced', 'plain'], ['plain', 'forced'], ['forced', 'forced'], ['plain', 'another']]) {
    log.push(variation(id, askingFor(other)), variation(id), variation(other), client.isFeatureEnabled('flag', id, askingFor(other)));
  }
});

sameWhen('listeners decide, track and force within a decision', (client, log) => {
  const user = client.createUserContext('u', { country: 'us' });
  let depth = 0;
  client.notificationCenter.addNotificationListener('DECISION', (/** @type {any} */ { type, userId }) => {
    log.push(['decision', type, userId]);
    if (depth++ > 2) return;
    log.push(short(client.createUserContext(`within ${depth}`).decide('flag', ['INCLUDE_REASONS'])), client.getVariation('rule', 'other'));
    client.track('purchase', 'within', { country: 'de' }, { revenue: 1 });
    user.setForcedDecision({ flagKey: 'flag' }, { variationKey: 'off' });
  });
  const { variables, ...decided } = short(user.decide('flag', ['INCLUDE_REASONS']));
  log.push(decided, variables);
  depth = 0;
  log.push(Object.entries(user.decideAll(['INCLUDE_REASONS'])).map(([key, decision]) => [key, short(decision)]), client.activate('rule', 'u'), client.getEnabledFeatures('u'));
});

/** @type {any} */
let profile;
sameWhen('a user profile counts as the service gives it, whether or not what is saved is kept', (client, log) => {
  const user = client.createUserContext('u');
  for (const map of [{}, { 1: { variation_id: '12' } }, { 1: { variation_id: '11' } }, { 1: { variation_id: 'unknown' } }, { 9: { variation_id: '12' } }, {}]) {
    profile = { user_id: 'u', experiment_bucket_map: map };
    for (const options of [[], [], ['INCLUDE_REASONS'], ['IGNORE_USER_PROFILE_SERVICE']]) {
      log.push(short(user.decide('flag', options)), Object.values(user.decideAll(options)).map(short));
      log.push(client.getVariation('rule', 'u'), client.isFeatureEnabled('flag', 'u'), client.createUserContext('other').decide('flag', options).variationKey);
    }
  }
}, (log) => ({
  userProfileService: {
    lookup: (/** @type {string} */ userId) => structuredClone({ ...profile, user_id: userId }),
    save: (/** @type {any} */ saved) => log.push(['save', plain(saved)]),
  },
}));

/** @type {any} */
let current;
sameWhen('a user profile service decides within a lookup and a save', (client, log) => {
  current = client;
  const user = client.createUserContext('u');
  log.push(short(user.decide('flag', ['INCLUDE_REASONS'])), client.getVariation('rule', 'u2'), client.isFeatureEnabled('flag', 'u3'), short(user.decide('flag', ['INCLUDE_REASONS'])));
}, (log) => {
  const kept = new Map();
  let depth = 0;
  const within = () => {
    if (depth++ < 2) log.push(['within', current.getVariation('rule', 'inner'), short(current.createUserContext('inner 2').decide('segmented'))]);
  };
  return {
    userProfileService: {
      lookup(/** @type {string} */ userId) {
        log.push(['lookup', userId]);
        within();
        return kept.get(userId);
      },
      save(/** @type {any} */ profile) {
        log.push(['save', plain(profile)]);
        kept.set(profile.user_id, profile); // the very object
        within();
      },
    },
  };
});

sameWhen('profiles that were looked up are changed by nobody', (client, log) => {
  const user = client.createUserContext('u', { $opt_experiment_bucket_map: Object.freeze({ 9: Object.freeze({ variation_id: '9' }) }) });
  log.push(short(user.decide('flag', ['INCLUDE_REASONS'])), plain(user.getAttributes()));
}, (log) => ({
  userProfileService: {
    lookup: () => Object.freeze({ user_id: 'u', experiment_bucket_map: Object.freeze({ 7: Object.freeze({ variation_id: '7' }) }) }),
    save: (/** @type {any} */ profile) => log.push(plain(profile)),
  },
}));

const shared = ['INCLUDE_REASONS'];
sameWhen('default options that are changed later are as officially', (client, log) => {
  shared.push('EXCLUDE_VARIABLES');
  const options = ['DISABLE_DECISION_EVENT'];
  const user = client.createUserContext('u');
  log.push(short(user.decide('flag', options)), options);
  shared.length = 1;
}, () => ({ defaultDecideOptions: shared }));

sameWhen('payloads are shared between listeners, and the next payload is another', (client, log) => {
  const { notificationCenter: center } = client;
  center.addNotificationListener('DECISION', (/** @type {any} */ payload) => {
    payload.decisionInfo.mark = true;
    payload.attributes.mark = 1;
  });
  center.addNotificationListener('DECISION', (/** @type {any} */ payload) => log.push(plain(payload)));
  center.addNotificationListener('ACTIVATE', (/** @type {any} */ payload) => log.push([payload.experiment?.mark, Object.keys(payload)]) && payload.experiment && (payload.experiment.mark = 'set'));
  const attributes = { country: 'us' };
  const user = client.createUserContext('u', attributes);
  const decision = user.decide('flag');
  log.push(short(decision), attributes, user.getAttributes(), short(user.decide('flag')), client.activate('rule', 'u', attributes), attributes);
});

/** What to call when a log's batch was sent. @type {Map<unknown[], () => void>} */
const sent = new Map();

sameWhen('what listeners do to an event is not sent', async (client, log) => {
  for (const type of ['ACTIVATE', 'TRACK']) {
    client.notificationCenter.addNotificationListener(type, (/** @type {any} */ { logEvent }) => {
      const [visitor] = logEvent.params.visitors;
      log.push(visitor.visitor_id, visitor.snapshots[0].events[0].key);
      visitor.visitor_id = 'somebody';
      visitor.snapshots[0].events[0].key = 'something';
      Object.assign(visitor.snapshots[0].events[0], { tags: null, revenue: 1 });
      logEvent.params.revision = '0';
    });
  }
  const waiting = new Promise((resolve) => sent.set(log, () => resolve(undefined)));
  client.createUserContext('u', { country: 'us' }).decide('flag');
  client.activate('rule', 'u', { country: 'us' });
  client.track('purchase', 'u', { country: 'us' }, { revenue: 5, place: 'here', list: [{ of: null }] });
  await waiting;
}, (log, sdk) => ({
  eventProcessor: sdk.createBatchEventProcessor({
    batchSize: 3,
    eventDispatcher: {
      dispatchEvent: async (/** @type {any} */ event) => {
        log.push(['sent', plain(event.params.visitors)]);
        sent.get(log)?.();
        return { statusCode: 200 };
      },
    },
  }),
}));
