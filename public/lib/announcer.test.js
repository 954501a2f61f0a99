import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from './announcer.js';

test('of what is said in one breath the last is heard', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const root = /** @type {Element} */ (/** @type {unknown} */ ({ textContent: '' }));
  const announcer = new Announcer(root);
  const pass = (/** @type {number} */ ms) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  announcer.say('one');
  pass(0);
  assert.equal(root.textContent, 'one');
  for (const sentence of ['two', 'three']) {
    pass(1000);
    announcer.say(sentence);
  }
  assert.equal(root.textContent, 'one');
  pass(3000);
  assert.equal(root.textContent, 'three');
});
