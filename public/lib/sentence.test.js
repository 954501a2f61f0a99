import assert from 'node:assert/strict';
import test from 'node:test';
import { clauseOf, sentenceOf } from './sentence.js';

test('a message without a beginning or an end gets one', () => {
  assert.equal(sentenceOf(new Error('Failed to fetch')), 'Failed to fetch.');
  assert.equal(sentenceOf('no project'), 'No project.');
});

test('a file keeps its name', () => {
  assert.equal(sentenceOf('config.json is not JSON'), 'config.json is not JSON.');
});

test('a sentence stays as it is', () => {
  assert.equal(sentenceOf(new Error('Is engine.wasm there?')), 'Is engine.wasm there?');
});

test('what is wrong stands inside another sentence without what to do about it', () => {
  assert.equal(clauseOf('The SDK could not be loaded: is the folder sdk beside this page?'), 'the SDK could not be loaded');
  assert.equal(clauseOf('config.json is not JSON.'), 'config.json is not JSON');
  assert.equal(clauseOf('The relay at http://x cannot be reached.'), 'the relay at http://x cannot be reached');
});
