import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame } from './frame.js';
import * as Layout from './layout.js';
import { encode } from './wtf8.js';

/** A frame in memory where each text gets a place of its own, as one has that a project keeps. */
function makeFrame() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  let [place, next] = [0, 1024];
  const reserve = (/** @type {number} */ size) => {
    [place, next] = [next, (next + size + 8) & -8];
    while (next > memory.buffer.byteLength) memory.grow(1);
    return place;
  };
  const frame = new Frame(memory, reserve);
  const read = () => {
    const length = new DataView(memory.buffer).getInt32(place, true);
    return Buffer.from(memory.buffer, place + Layout.frameTexts, length).toString('latin1');
  };
  return { frame, read };
}

/** Its bytes, a character each. @param {string} text */
function bytesOf(text) {
  const bytes = new Uint8Array(3 * text.length);
  return Buffer.from(bytes.buffer, 0, encode(text, bytes, 0)).toString('latin1');
}

test('a text is written as it is, whatever of it stands in an earlier one, and told of where it is all ASCII', () => {
  let seed = 1;
  const below = (/** @type {number} */ n) => (seed = (seed * 48271) % 0x7fffffff) % n;
  const some = (/** @type {number} */ length) => Array.from({ length }, () => String.fromCharCode(32 + below(90))).join('');
  const edits = [
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + some(1) + text.slice(at + 1),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + some(below(300)) + text.slice(at),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + text.slice(at + below(9000)),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + ['é', '🙂', '\ud800', '\udc00'][below(4)] + text.slice(at),
    (/** @type {string} */ text) => text + text,
    () => some(below(5)),
    () => some(4096 * below(3) + below(3)),
  ];
  for (let turn = 0; turn < 40; turn++) {
    const { frame, read } = makeFrame();
    let text = some(below(20_000));
    let earlier = frame.text(text);
    for (let i = 0; i < 12; i++) {
      text = edits[below(edits.length)](text, below(text.length + 1)).slice(0, 40_000);
      const isASCII = !/[^\0-\x7f]/.test(text);
      const written = frame.text(text, earlier);
      assert.equal(read(), bytesOf(text));
      assert.equal(written?.text, isASCII ? text : undefined);
      earlier = written ?? earlier;
      if (!isASCII) text = text.replace(/[^\0-\x7f]/g, '');
    }
  }
});

test('a text that is longer by far begins with what stands further behind in an earlier one', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(4096));
  const { frame, read } = makeFrame();
  frame.text('d'.repeat(40_000));
  const earlier = frame.text(a + b + c);
  for (const text of [b + a + b + c + c, c + b + a, b + c, c + a + b + a + b + c]) {
    frame.text(text, earlier);
    assert.equal(read(), text);
  }
});

test('bytes are written as they are', () => {
  const { frame, read } = makeFrame();
  assert.equal(frame.text(new Uint8Array([1, 255, 0, 128])), undefined);
  assert.equal(read(), '\u0001\u00ff\u0000\u0080');
});
