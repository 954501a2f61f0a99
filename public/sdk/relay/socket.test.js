/** How the line behaves when its peer does not: silence, rubbish and refusals that no real relay gives on demand. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lend } from '../testkit.test.js';
import { CloseCode, Limit, MessageType } from './protocol.js';
import { RelaySocket } from './socket.js';

/** A websocket whose other end is the test. */
class Line {
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  /** @type {(() => void) | null} */
  onopen = null;
  /** @type {((event: {data: string | ArrayBuffer}) => void) | null} */
  onmessage = null;
  /** @type {((event: {code: number, reason: string}) => void) | null} */
  onclose = null;

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  /** @param {string | ArrayBuffer} data */
  say(data) {
    this.onmessage?.({ data });
  }

  /** @param {number} code @param {object} [reason] */
  end(code, reason) {
    this.onclose?.({ code, reason: reason ? JSON.stringify(reason) : '' });
  }
}

/**
 * A socket on lines of its own, with time standing still.
 * @param {import('node:test').TestContext} t
 */
function makeSocket(t) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  /** @type {Line[]} */
  const lines = [];
  lend(t, {
    WebSocket: class extends Line {
      constructor() {
        super();
        lines.push(this);
      }
    },
  });
  /** @type {any[]} */
  const losses = [];
  /** @type {any[]} */
  const messages = [];
  const socket = new RelaySocket({
    url: new URL('ws://relay/v1/stream'),
    hello: () => ({ type: MessageType.HELLO }),
    onMessage: (message) => messages.push(message),
    onLoss: (loss) => losses.push(loss),
  });
  t.after(() => socket.close());
  socket.connect();
  return { socket, lines, losses, messages };
}

const CURRENT = JSON.stringify({ type: MessageType.CURRENT, revision: '7', hash: '0123456789abcdef' });

test('a datafile comes as a header line and the bytes after it', (t) => {
  const { lines, messages } = makeSocket(t);
  lines[0].open();
  assert.deepEqual(lines[0].sent, [{ type: 'hello' }]);
  const bytes = new TextEncoder().encode('{"type":"datafile","revision":"8","hash":"h"}\n{"a":\n"é"}');
  lines[0].say(/** @type {ArrayBuffer} */ (bytes.buffer));
  const [{ payload, ...header }] = messages;
  assert.deepEqual(header, { type: 'datafile', revision: '8', hash: 'h' });
  assert.equal(new TextDecoder().decode(payload), '{"a":\n"é"}');
});

test('a relay that says nothing after the hello, or to a check, is left', (t) => {
  const { socket, lines, losses } = makeSocket(t);
  lines[0].open();
  t.mock.timers.tick(Limit.ANSWER_MS);
  assert.deepEqual([losses[0].code, losses[0].failures, lines[0].readyState], [1006, 1, 3]);
  t.mock.timers.tick(losses[0].retryInMs);
  lines[1].open();
  lines[1].say(CURRENT);
  t.mock.timers.tick(60_000);
  assert.equal(losses.length, 1, 'a quiet line is a good line');
  socket.check('h');
  assert.deepEqual(lines[1].sent.at(-1), { type: 'check', have: 'h' });
  t.mock.timers.tick(Limit.ANSWER_MS);
  assert.equal(losses.length, 2);
});

test('a round trip is from a question to the answer that nothing is newer', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { socket, lines } = makeSocket(t);
  const hear = (/** @type {number} */ after, /** @type {string} */ text) => {
    now += after;
    lines[0].say(text);
    return socket.roundTripMs;
  };
  lines[0].open();
  assert.equal(hear(7, CURRENT), 7, 'of a hello too');
  socket.check('h');
  assert.equal(hear(40, CURRENT), 40);
  socket.check('h');
  assert.equal(hear(1, JSON.stringify({ type: MessageType.PROBLEM, error: null })), 40, 'a push is no answer');
  assert.equal(hear(1, CURRENT), 40, 'and what comes after it may be an answer or not');
  lines[0].end(1006);
  assert.equal(socket.roundTripMs, undefined, 'another line may be slower');
});

test('rubbish is answered by a new line', (t) => {
  const { lines, losses, messages } = makeSocket(t);
  for (const rubbish of ['not JSON', '5', 'null', '{"revision":"7"}', new ArrayBuffer(0), new ArrayBuffer(8)]) {
    const line = /** @type {Line} */ (lines.at(-1));
    line.open();
    line.say(rubbish);
    t.mock.timers.tick(losses.at(-1).retryInMs);
  }
  assert.deepEqual([losses.length, messages.length, lines.length], [6, 0, 7]);
});

test('waits grow up to half a minute, and start over after an answer', (t) => {
  t.mock.method(Math, 'random', () => 1);
  const { lines, losses } = makeSocket(t);
  for (let i = 0; i < 7; i++) {
    lines[i].end(1006);
    t.mock.timers.tick(losses[i].retryInMs);
  }
  assert.deepEqual(losses.map(({ retryInMs }) => retryInMs), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.equal(losses.at(-1).failures, 7);
  lines[7].open();
  lines[7].say(CURRENT);
  lines[7].end(1006);
  assert.deepEqual(losses.at(-1), { code: 1006, failures: 1, retryInMs: 1000 });
});

test('close codes are obeyed', (t) => {
  t.mock.method(Math, 'random', () => 0.5);
  const { lines, losses } = makeSocket(t);
  lines[0].end(CloseCode.TOO_MANY, { retryAfterMs: 10_000 });
  assert.equal(losses[0].retryInMs, 10_500, 'not before it was asked to');
  t.mock.timers.tick(10_500);
  lines[1].end(CloseCode.DRAINING, { retryAfterMs: 3000 });
  assert.equal(losses[1].retryInMs, 1500, 'after a random part');
  t.mock.timers.tick(1500);
  lines[2].open();
  lines[2].say(JSON.stringify({ type: MessageType.DRAIN, retryAfterMs: 4000 }));
  assert.deepEqual([losses[2].retryInMs, lines[2].readyState], [2000, 3]);
  t.mock.timers.tick(2000);
  lines[3].end(CloseCode.UNKNOWN_KEY);
  assert.deepEqual(losses[3], { code: 4404, failures: 4, retryInMs: undefined });
  t.mock.timers.tick(600_000);
  assert.equal(lines.length, 4, 'some closes are for good');
});

test('a page that wakes up does not wait for the next attempt', (t) => {
  const { socket, lines } = makeSocket(t);
  lines[0].end(1006);
  socket.check('h');
  assert.equal(lines.length, 2);
  t.mock.timers.tick(2000);
  assert.equal(lines.length, 2, 'nor is there another');
});

test('a page that may not open the line at all loses it like any other', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  lend(t, {
    WebSocket: class {
      constructor() {
        throw new Error('An insecure WebSocket connection may not be initiated from a page loaded over HTTPS.');
      }
    },
  });
  /** @type {any[]} */
  const losses = [];
  const socket = new RelaySocket({ url: new URL('ws://relay/'), hello: () => ({}), onMessage: () => {}, onLoss: (loss) => losses.push(loss) });
  socket.connect();
  assert.equal(losses[0].code, 1006);
  socket.close();
});

test('a line at rest is closed, and the next check opens another', (t) => {
  const { socket, lines, losses } = makeSocket(t);
  lines[0].open();
  lines[0].say(CURRENT);
  socket.rest();
  t.mock.timers.tick(60_000);
  assert.deepEqual([lines[0].readyState, lines.length, losses.length], [3, 1, 0]);
  socket.doubt('h');
  assert.equal(lines.length, 1, 'a doubt opens nothing');
  socket.check('h');
  assert.equal(lines.length, 2);
});

test('a line that does not even open is left after ten seconds', (t) => {
  const { lines, losses } = makeSocket(t);
  t.mock.timers.tick(10_000);
  assert.deepEqual([losses.length, losses[0].code, lines[0].readyState], [1, 1006, 3]);
});

test('what rests while it waits for its next attempt, or rests twice, opens one line at the next check', (t) => {
  const { socket, lines } = makeSocket(t);
  lines[0].end(1006);
  socket.rest();
  t.mock.timers.tick(60_000);
  assert.equal(lines.length, 1);
  socket.rest();
  socket.check('h');
  assert.equal(lines.length, 2);
  lines[1].open();
  lines[1].say(CURRENT);
  socket.check('h');
  assert.deepEqual([lines.length, lines[1].sent.at(-1)], [2, { type: 'check', have: 'h' }]);
});

test('what was closed opens nothing any more, from its rest or its wait', (t) => {
  for (const end of [false, true]) {
    const { socket, lines } = makeSocket(t);
    if (end) lines[0].end(1006);
    else socket.rest();
    socket.close();
    socket.check('h');
    assert.equal(lines.length, 1);
    t.mock.timers.reset();
  }
});

test('a line that was given up for good does not come back from its rest', (t) => {
  const { socket, lines } = makeSocket(t);
  lines[0].end(CloseCode.UNKNOWN_KEY);
  socket.rest();
  socket.check('h');
  assert.equal(lines.length, 1);
});

test('a doubt does not cut a wait short', (t) => {
  const { socket, lines } = makeSocket(t);
  lines[0].end(CloseCode.TOO_MANY, { retryAfterMs: 10_000 });
  socket.doubt('h');
  assert.equal(lines.length, 1);
});
