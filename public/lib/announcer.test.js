import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from './announcer.js';

/**
 * A voice, what was heard of it, and the time that passes.
 * @param {import('node:test').TestContext} t
 */
function listen(t) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  /** @type {string[]} */
  const heard = [];
  const root = /** @type {Element} */ (/** @type {unknown} */ ({ set textContent(/** @type {string} */ text) { heard.push(text); } }));
  const pass = (/** @type {number} */ ms) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  return { announcer: new Announcer(root), heard, pass };
}

test('what is said in one breath is heard in one go, after the breath', (t) => {
  const { announcer, heard, pass } = listen(t);
  announcer.say('One.');
  pass(0);
  for (const sentence of ['Two.', 'Three.']) {
    pass(1000);
    announcer.say(sentence);
  }
  assert.deepEqual(heard, ['One.']);
  pass(3000);
  assert.deepEqual(heard, ['One.', 'Two. Three.']);
  pass(60_000);
  announcer.say('Four.');
  pass(0);
  assert.equal(heard[2], 'Four.');
});

test('what came of something the visitor did is heard at once, and with it what waits', (t) => {
  const { announcer, heard, pass } = listen(t);
  announcer.say('One.');
  pass(0);
  announcer.say('Two.');
  pass(1000);
  announcer.say('Bought.', undefined, true);
  announcer.say('Bought that, too.', undefined, true);
  announcer.say('Three.');
  pass(0);
  assert.deepEqual(heard, ['One.', 'Two. Bought. Bought that, too. Three.']);
  pass(60_000);
  assert.equal(heard.length, 2);
});

test('of what is said about the same the last is heard', (t) => {
  const { announcer, heard, pass } = listen(t);
  announcer.say('Deciding…', 'pace');
  announcer.say('Saved.');
  announcer.say('Saved.');
  announcer.say('A million a second.', 'pace');
  pass(0);
  assert.deepEqual(heard, ['Saved. A million a second.']);
});

test('the same is heard again when it is said again', (t) => {
  const { announcer, heard, pass } = listen(t);
  for (let i = 0; i < 2; i++) {
    announcer.say('Copied.');
    pass(5000);
  }
  assert.deepEqual(heard, ['Copied.', 'Copied.']);
});

test('of more than one can listen to the newest are heard', (t) => {
  const { announcer, heard, pass } = listen(t);
  for (let i = 1; i <= 8; i++) announcer.say(`${i}.`);
  pass(0);
  assert.deepEqual(heard, ['4. 5. 6. 7. 8.']);
});
