import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, lend } from '../testkit.test.js';
import { NoticedDatafile } from './noticed_datafile.js';

/**
 * With time standing still, and answers when the test gives them.
 * @param {import('node:test').TestContext} t
 */
function makeNoticed(t) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(Math, 'random', () => 0.5);
  /** @type {{url: string, aborted: () => boolean, answer: (status: number) => void}[]} */
  const requests = [];
  const fetch = (/** @type {string} */ url, /** @type {{signal: AbortSignal}} */ { signal }) => new Promise((resolve) => {
    requests.push({ url, aborted: () => signal.aborted, answer: (status) => resolve(new Response(`datafile of ${url}`, { status })) });
  });
  lend(t, { fetch });
  const heard = new Inbox();
  const noticed = new NoticedDatafile({
    onDatafile: (hash, datafile) => heard.push([hash, datafile]),
    onFailure: () => heard.push('failure'),
  });
  t.after(() => noticed.stop());
  const urls = () => requests.map(({ url }) => url);
  return { noticed, requests, urls, heard };
}

/** @param {string} hash @param {any} [spreadMs] */
const notice = (hash, spreadMs = 1000) => ({ type: 'notice', hash, url: `/${hash}`, spreadMs });

test('a datafile is fetched after a random part of the spread, and at once where none decides', (t) => {
  const { noticed, urls } = makeNoticed(t);
  noticed.hear(notice('a'), false);
  t.mock.timers.tick(499);
  assert.deepEqual(urls(), []);
  t.mock.timers.tick(1);
  assert.deepEqual(urls(), ['/a']);
  noticed.hear(notice('b'), true);
  t.mock.timers.tick(1);
  assert.deepEqual(urls(), ['/a', '/b']);
});

test('the same notice again, as an answer to a check, changes nothing', async (t) => {
  const { noticed, requests, urls, heard } = makeNoticed(t);
  noticed.hear(notice('a'), false);
  t.mock.timers.tick(400);
  noticed.hear(notice('a'), false);
  t.mock.timers.tick(100);
  assert.deepEqual(urls(), ['/a']);
  noticed.hear(notice('a'), false);
  t.mock.timers.tick(1000);
  assert.deepEqual(urls(), ['/a']);
  requests[0].answer(200);
  assert.deepEqual(await heard.atLeast(1), [['a', 'datafile of /a']]);
});

test('a later notice takes the place of one that waits, and of one that is under way', async (t) => {
  const { noticed, requests, urls, heard } = makeNoticed(t);
  noticed.hear(notice('a'), false);
  noticed.hear(notice('b'), false);
  t.mock.timers.tick(500);
  assert.deepEqual(urls(), ['/b']);
  noticed.hear(notice('c'), false);
  assert.equal(requests[0].aborted(), true);
  requests[0].answer(200); // on its way already
  t.mock.timers.tick(500);
  requests[1].answer(200);
  assert.deepEqual(await heard.atLeast(1), [['c', 'datafile of /c']]);
});

test('what could not be had is told, and may be noticed again', async (t) => {
  const { noticed, requests, heard } = makeNoticed(t);
  for (const [i, status] of [502, 200].entries()) {
    noticed.hear(notice('a'), true);
    t.mock.timers.tick(1);
    requests[i].answer(status);
    await heard.atLeast(i + 1);
  }
  assert.deepEqual(heard.items, ['failure', ['a', 'datafile of /a']]);
});

test('what was stopped may be noticed again', (t) => {
  const { noticed, urls } = makeNoticed(t);
  noticed.hear(notice('a'), false);
  noticed.stop();
  t.mock.timers.tick(1000);
  assert.deepEqual(urls(), []);
  noticed.hear(notice('a'), false);
  t.mock.timers.tick(500);
  assert.deepEqual(urls(), ['/a']);
});
