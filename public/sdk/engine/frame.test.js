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

test('a text is written as it is, whatever of it stands in an earlier one', () => {
  let seed = 1;
  const below = (/** @type {number} */ n) => (seed = (seed * 48271) % 0x7fffffff) % n;
  const some = (/** @type {number} */ length) => Array.from({ length }, () => String.fromCharCode(32 + below(90))).join('');
  const odd = ['é', '€', '🙂', '\ud800', '\udc00'];
  const edits = [
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + some(1) + text.slice(at + 1),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + some(below(300)) + text.slice(at),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + text.slice(at + below(9000)),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + odd[below(5)] + text.slice(at),
    (/** @type {string} */ text, /** @type {number} */ at) => text.slice(0, at) + odd[below(5)].repeat(below(9000)) + text.slice(at),
    (/** @type {string} */ text) => text.replace(/[^\0-\x7f]/g, ''),
    (/** @type {string} */ text) => text + text,
    () => some(below(5)),
    () => some(4096 * below(3) + below(3)),
  ];
  const counts = { again: 0, anew: 0 };
  for (let turn = 0; turn < 60; turn++) {
    const { frame, read } = makeFrame();
    let text = some(below(20_000));
    let earlier = frame.text(text);
    for (let i = 0; i < 12; i++) {
      text = edits[below(edits.length)](text, below(text.length + 1)).slice(0, 40_000);
      const written = frame.text(text, earlier);
      if (read() !== bytesOf(text)) assert.fail(`turn ${turn}, ${i}: the bytes are not those of the text`);
      assert.equal(written?.text ?? text, text);
      counts[written ? 'again' : 'anew']++;
      earlier = written ?? earlier;
    }
  }
  assert.ok(counts.again > 4 * counts.anew && counts.anew > 20, `${JSON.stringify(counts)}: both ways are taken`);
});

test('what is not all ASCII is told of, unless much of it is not or a character stands where pieces meet', () => {
  const { frame, read } = makeFrame();
  const tell = (/** @type {string} */ text) => {
    const written = frame.text(text);
    assert.equal(read(), bytesOf(text));
    return written?.text === text;
  };
  const [half, most] = ['a'.repeat(50_000), 'a'.repeat(4095)];
  assert.ok(tell(`${half}é €🙂${half}`));
  assert.ok(tell(`${half}\ud800${half}`), 'a lone surrogate has its three bytes');
  assert.ok(tell(`${most}é${half}`));
  assert.ok(!tell(`${most}🙂${half}`));
  assert.ok(!tell('日本'.repeat(10_000)));
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
