import assert from 'node:assert/strict';
import test from 'node:test';

import { EventWire } from './event-wire.js';

const { BroadcastChannel } = globalThis;

/** What Firefox does where it lets a page keep nothing. */
class DeniedChannel {
  constructor() {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  }
}

for (const [name, channel] of /** @type {[string, any][]} */ ([['that has no channels', undefined], ['that denies its channels', DeniedChannel]])) {
  test(`a page hears its own news in a browser ${name}`, (t) => {
    globalThis.BroadcastChannel = channel;
    t.after(() => { globalThis.BroadcastChannel = BroadcastChannel; });
    /** @type {unknown[]} */
    const heard = [];
    new EventWire('store', (news) => heard.push(news)).listeners.onQueue({ waiting: 1, dropped: 0 });
    assert.deepEqual(heard, [{ page: 'store', queue: { waiting: 1, dropped: 0 } }]);
  });
}
