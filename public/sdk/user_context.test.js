import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDatafile, ours } from './testkit.test.js';

const sdk = await ours;
await sdk.ready;

const datafile = makeDatafile({
  featureFlags: [{ id: '101', key: 'flag', rolloutId: '', experimentIds: ['3002'], variables: [] }],
});

function makeClient() {
  return sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }),
    eventProcessor: sdk.createForwardingEventProcessor({ dispatchEvent: async () => ({ statusCode: 200 }) }),
  });
}

/** Ways to decide the flag, each with the decision it comes to. @type {Record<string, (user: any) => any>} */
const ways = {
  decide: (user) => user.decide('flag'),
  decideForKeys: (user) => user.decideForKeys(['flag']).flag,
  decideAll: (user) => user.decideAll().flag,
  decideAsync: (user) => user.decideAsync('flag'),
  decideAllAsync: async (user) => (await user.decideAllAsync()).flag,
};

for (const [name, decide] of Object.entries(ways)) {
  test(`a decision by ${name} keeps the attributes it was made with, and each one heeds what was set before`, async () => {
    const given = { country: 'de', age: 1 };
    const user = makeClient().createUserContext('u', given);
    const made = [];
    for (const country of ['us', 'de', 'us']) {
      user.setAttribute('age', made.length);
      user.setAttribute('country', country);
      user.setAttribute(`extra-${made.length}`, true);
      made.push({ decision: decide(user), attributes: user.getAttributes() });
    }
    user.setAttribute('age', 'later');
    for (const { decision, attributes } of made) {
      const { variationKey, userContext } = await decision;
      assert.equal(variationKey, attributes.country === 'us' ? 'on' : null);
      assert.deepEqual(userContext.getAttributes(), attributes);
      userContext.setAttribute('age', 'on the decision');
      userContext.setAttribute('age', 'on the decision');
      assert.deepEqual(userContext.getAttributes(), { ...attributes, age: 'on the decision' });
    }
    assert.equal(user.getAttributes().age, 'later');
    assert.deepEqual(given, { country: 'de', age: 1 });
  });
}

test('what is set on a decision, and on the decision of that, is theirs alone', () => {
  const user = makeClient().createUserContext('u');
  user.setAttribute('country', 'us');
  const { userContext: first } = user.decide('flag');
  const { userContext: second } = first.decide('flag');
  second.setAttribute('country', 'de');
  first.setAttribute('age', 1);
  assert.deepEqual([user, first, second].map((context) => context.getAttributes()), [{ country: 'us' }, { country: 'us', age: 1 }, { country: 'de' }]);
  assert.deepEqual([user, first, second].map((context) => context.decide('flag').variationKey), ['on', 'on', null]);
});

test('what listeners are given of a context stays as it was', () => {
  const client = makeClient();
  /** @type {unknown[]} */
  const heard = [];
  for (const type of ['TRACK', 'ACTIVATE', 'DECISION']) client.notificationCenter.addNotificationListener(type, (/** @type {any} */ { attributes }) => heard.push(attributes));
  const user = client.createUserContext('u');
  user.setAttribute('country', 'us');
  user.trackEvent('purchase');
  user.setAttribute('country', 'de');
  user.trackEvent('purchase');
  user.setAttribute('country', 'us');
  user.decide('flag');
  user.setAttribute('country', 'fr');
  assert.deepEqual(heard, ['us', 'de', 'us', 'us'].map((country) => ({ country })));
});

test('an attribute may be called like what every object has', () => {
  const given = JSON.parse('{"__proto__":1,"a":2}');
  for (const attributes of [undefined, { a: 2 }, given]) {
    const user = makeClient().createUserContext('u', attributes);
    user.setAttribute('b', 3);
    for (const key of ['constructor', '__proto__', 'toString', '__proto__']) {
      user.setAttribute(key, { of: key });
      const attributesNow = user.getAttributes();
      assert.deepEqual(Object.getOwnPropertyDescriptor(attributesNow, key)?.value, { of: key });
      assert.equal(Object.getPrototypeOf(attributesNow), Object.prototype);
      assert.equal(attributesNow.b, 3);
      user.decide('flag');
    }
  }
});
