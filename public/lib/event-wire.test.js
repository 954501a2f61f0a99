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
    new EventWire('store', ({ tab, ...news }) => heard.push(news)).listeners.onQueue({ waiting: 1, dropped: 0 });
    assert.deepEqual(heard, [{ page: 'store', queue: { waiting: 1, dropped: 0 } }]);
  });
}

const visitor = (/** @type {string} */ uuid, /** @type {object[]} */ decisions = []) => ({ visitor_id: 'Matt', snapshots: [{ decisions, events: [{ uuid }] }] });
const body = JSON.stringify({ visitors: [visitor('own'), visitor('saw', [{}]), visitor('bought')] });

for (const [name, answer, want] of /** @type {[string, () => Promise<Response>, string[]][]} */ ([
  ['has them, one of them already', async () => new Response(null, { status: 204, headers: { 'X-Duplicates': '1' } }), ['saw impression duplicate', 'bought conversion safe']],
  ['cannot keep them', async () => new Response('', { status: 503 }),
    ['saw impression queued The relay answered with status 503.', 'bought conversion queued The relay answered with status 503.']],
  ['is away', async () => { throw new TypeError('failed'); },
    ['saw impression queued The relay cannot be reached.', 'bought conversion queued The relay cannot be reached.']],
])) {
  test(`a page tells of the events that an earlier one left when the relay ${name}`, async (t) => {
    globalThis.BroadcastChannel = /** @type {any} */ (undefined);
    t.after(() => { globalThis.BroadcastChannel = BroadcastChannel; });
    /** @type {string[]} */
    const heard = [];
    const wire = new EventWire('store', ({ event }) => event && heard.push([event.uuid, event.kind, event.status, event.error ?? ''].join(' ').trim()));
    wire.listeners.onEvent({ uuid: 'own', kind: 'conversion', status: 'sent' });
    await wire.watched(answer)('http://relay/v1/events', { body }).catch(() => {});
    assert.deepEqual(heard, ['own conversion sent', ...want]);
  });
}

const alone = JSON.stringify({ visitors: [visitor('bought')] });
const refusal = '{"error":"the key of the event is too long"}';

for (const [name, answer, sent, want] of /** @type {[string, Response, string, string][]} */ ([
  ['by the relay is refused for good', new Response(refusal, { status: 400 }), alone, 'refused the key of the event is too long'],
  ['as too large is refused for good', new Response('', { status: 413 }), alone, 'refused The relay answered with status 413.'],
  ['by somebody else is tried again', new Response('<h1>Bad request', { status: 400 }), alone, 'queued The relay answered with status 400.'],
  ['with others is tried again by itself', new Response(refusal, { status: 400 }), body, 'queued the key of the event is too long'],
])) {
  test(`an event that an earlier page left and that is refused ${name}`, async (t) => {
    globalThis.BroadcastChannel = /** @type {any} */ (undefined);
    t.after(() => { globalThis.BroadcastChannel = BroadcastChannel; });
    /** @type {string[]} */
    const heard = [];
    const wire = new EventWire('store', ({ event }) => event && heard.push([event.uuid, event.status, event.error].join(' ')));
    const response = await wire.watched(async () => answer)('http://relay/v1/events', { body: sent });
    assert.equal(heard.at(-1), `bought ${want}`);
    assert.equal(response.bodyUsed, false); // the SDK reads it too
  });
}
