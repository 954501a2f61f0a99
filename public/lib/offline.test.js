import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lend } from '../sdk/testkit.test.js';
import { workOffline } from './offline.js';

class FakeWorker extends EventTarget {
  state = 'installed';
  /** @type {any[]} */
  told = [];

  /** @param {any} message */
  postMessage(message) {
    this.told.push(message.type);
  }

  /** @param {string} state */
  become(state) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

/** A page that is offered newer sites. @param {import('node:test').TestContext} t */
async function offered(t) {
  const serviceWorker = Object.assign(new EventTarget(), {
    controller: {}, ready: Promise.resolve({}), register: async () => Object.assign(new EventTarget(), { waiting: null }),
  });
  const page = { reloads: 0, offers: /** @type {(() => void)[]} */ ([]) };
  lend(t, { navigator: { serviceWorker }, ServiceWorker: FakeWorker, document: new EventTarget(), location: { reload: () => page.reloads++ } });
  await workOffline({ onNewer: (takeOver) => page.offers.push(takeOver) });
  const tell = (/** @type {FakeWorker} */ source) => serviceWorker.dispatchEvent(Object.assign(new Event('message'), { source, data: { type: 'newer' } }));
  return { page, tell };
}

test('a newer site comes once it is let in', async (t) => {
  const { page, tell } = await offered(t);
  const worker = new FakeWorker();
  tell(worker);
  page.offers[0]();
  assert.deepEqual([worker.told, page.reloads], [['take over'], 0]);
  worker.become('activating');
  worker.become('activated');
  assert.equal(page.reloads, 1);
});

test('a newer site that another page has let in comes at once', async (t) => {
  const { page, tell } = await offered(t);
  const worker = new FakeWorker();
  tell(worker);
  worker.become('activated');
  page.offers[0]();
  assert.equal(page.reloads, 1);
});

test('of several newer sites the newest comes, and is offered once', async (t) => {
  const { page, tell } = await offered(t);
  const [first, second] = [new FakeWorker(), new FakeWorker()];
  tell(first);
  first.become('redundant');
  tell(second);
  assert.equal(page.offers.length, 1);
  page.offers[0]();
  assert.deepEqual([first.told, second.told, page.reloads], [[], ['take over'], 0]);
});
