import assert from 'node:assert/strict';
import test from 'node:test';
import { isLoopback } from './loopback.js';

for (const [address, wanted] of /** @type {const} */ ([
  ['http://localhost:8080/', true],
  ['http://shop.localhost/', true],
  ['http://127.0.0.1:8080/', true],
  ['http://127.1/', true],
  ['http://[::1]:8080/', true],
  ['http://192.168.1.20:8080/', false],
  ['http://[2001:db8::1]/', false],
  ['https://localhost.example/', false],
  ['https://127.0.0.1.example/', false],
])) {
  test(`${address} is ${wanted ? 'this computer only' : 'reached from elsewhere too'}`, () => {
    assert.equal(isLoopback(new URL(address).hostname), wanted);
  });
}
