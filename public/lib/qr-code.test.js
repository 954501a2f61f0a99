import assert from 'node:assert/strict';
import test from 'node:test';
import { qrCode } from './qr-code.js';

test('a code keeps four light modules around it', () => {
  const { size, path } = qrCode('https://shop.example/?user=Matt') ?? assert.fail('it is drawn');
  const dark = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)].map(([, x, y, run, back]) => {
    assert.equal(run, back, 'what is drawn is closed');
    return { left: Number(x), right: Number(x) + Number(run), y: Number(y) };
  });
  assert.equal(Math.min(...dark.map(({ left }) => left)), 4);
  assert.equal(Math.max(...dark.map(({ right }) => right)), size - 4);
  assert.equal(Math.min(...dark.map(({ y }) => y)), 4);
  assert.equal(Math.max(...dark.map(({ y }) => y)), size - 4 - 1);
});

test('a code holds 858 bytes, and of more none is drawn', () => {
  assert.equal(qrCode('a'.repeat(858))?.size, 97 + 2 * 4);
  assert.equal(qrCode('a'.repeat(859)), undefined);
  assert.equal(qrCode('é'.repeat(430)), undefined, 'bytes are counted, not letters');
});
