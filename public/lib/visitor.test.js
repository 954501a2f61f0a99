import assert from 'node:assert/strict';
import test from 'node:test';
import { randomVisitor } from './visitor.js';

test('random visitors have a name and four digits, and differ', () => {
  const ids = Array.from({ length: 100 }, randomVisitor);
  for (const id of ids) assert.match(id, /^[A-Z][a-z]+-\d{4}$/);
  assert.ok(new Set(ids).size > 90);
});
