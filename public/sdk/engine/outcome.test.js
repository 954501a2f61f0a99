import assert from 'node:assert/strict';
import test from 'node:test';

import { toOutcome, valuesOf } from './outcome.js';

const facts = { ruleKey: 'r', ruleId: '1', variationKey: 'v', variationId: '2', enabled: true };

/** @param {[string, string, string][]} variables key, type and text of each */
function outcomeOf(...variables) {
  return toOutcome(0, 0, 0, 0, { ...facts, variables: variables.map(([key, type, value]) => ({ key, type, value })) });
}

for (const text of [
  '{"a":[1,{"b":null}],"c":{"d":"e"}}', '[[],[{}],"x"]', '{"__proto__":5,"a":1}', '{"a":{"__proto__":{"b":1},"c":2}}', '{"__proto__":{"toString":1}}',
]) {
  test(`every caller gets a value of their own, as JSON.parse makes it, of ${text}`, () => {
    const outcome = outcomeOf(['data', 'json', text], ['n', 'integer', '7']);
    const first = valuesOf(outcome);
    const second = valuesOf(outcome);
    assert.deepEqual(first, { data: JSON.parse(text), n: 7 });
    assert.equal(JSON.stringify(first.data), JSON.stringify(JSON.parse(text)));
    for (const [a, b] of pairs(first, second)) {
      assert.notEqual(a, b);
      assert.equal(Object.getPrototypeOf(a), Array.isArray(a) ? Array.prototype : Object.prototype);
    }
  });
}

test('a variable may be called __proto__', () => {
  const values = valuesOf(outcomeOf(['__proto__', 'json', '{"a":1}'], ['n', 'integer', '7']));
  assert.deepEqual(Object.keys(values), ['__proto__', 'n']);
  assert.equal(Object.getPrototypeOf(values), Object.prototype);
});

/** All objects of two that are alike, side by side. @param {any} a @param {any} b @returns {[object, object][]} */
function pairs(a, b) {
  if (typeof a !== 'object' || a === null) return [];
  return [[a, b], ...Object.keys(a).flatMap((key) => pairs(own(a, key), own(b, key)))];
}

/** @param {object} object @param {string} key */
function own(object, key) {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}
