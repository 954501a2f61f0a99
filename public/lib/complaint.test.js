import assert from 'node:assert/strict';
import test from 'node:test';
import { complaintOf, lacksDatafile } from './complaint.js';

/** @type {[string, import('./complaint.js').Line, string, string][]} */
const cases = [
  ['all is well', { status: 'live', revision: '7' }, '', ''],
  ['a line being mended is told by the chip alone', { status: 'reconnecting', error: 'gone', fault: 'relay' }, '', ''],
  ['a relay without a datafile tells why, though the first is still awaited',
    { status: 'connecting', revision: null, error: 'open shop.json: no such file', fault: 'datafile' }, '', 'Open shop.json: no such file.'],
  ['a relay that serves the page comes back', { status: 'offline', error: 'The relay cannot be reached.', fault: 'relay' }, '',
    'The relay cannot be reached: this page goes on trying.'],
  ['a relay elsewhere may be named wrong', { status: 'offline', error: 'The relay at http://x cannot be reached.', fault: 'relay' }, 'http://x',
    'The relay at http://x cannot be reached: check relayUrl in config.json, and that the relay runs and allows the origin of this page.'],
  ['a key that its own relay does not know, or may not tell of', { status: 'offline', error: 'The relay has no project with the sdkKey k.', fault: 'key' }, '',
    'The relay has no project with the sdkKey k: its --page-project may name another, or no relay serves this page, and config.json needs its relayUrl.'],
  ['an unknown key', { status: 'offline', error: 'The relay has no project with the sdkKey k.', fault: 'key' }, 'http://x',
    'The relay has no project with the sdkKey k: check sdkKey in config.json.'],
  ['a bad newest datafile leaves the last one in force', { status: 'live', revision: '7', error: 'unexpected end', fault: 'datafile' }, '',
    'Unexpected end. Revision 7 stays in force.'],
];
for (const [name, line, relayUrl, want] of cases) {
  test(name, () => assert.equal(complaintOf(line, relayUrl), want));
}

/** @type {[string, import('./complaint.js').Line, boolean][]} */
const lacks = [
  ['whose source cannot be read', { status: 'connecting', revision: null, error: 'gone', fault: 'datafile' }, true],
  ['that will not take what its source gives', { status: 'offline', revision: null, error: 'unexpected end', fault: 'datafile' }, true],
  ['that says so by HTTP', { status: 'offline', revision: null, error: 'The relay answers 503 for the datafile.', fault: 'relay' }, true],
  ['that gave one before a bad one', { status: 'live', revision: '7', error: 'unexpected end', fault: 'datafile' }, false],
  ['whose datafile cannot be read here', { status: 'live', revision: null, error: 'unexpected end', fault: 'datafile' }, false],
  ['that is still being asked', { status: 'connecting', revision: null }, false],
  ['that is lost again', { status: 'reconnecting', revision: null, error: 'gone', fault: 'datafile', retryInMs: 500 }, false],
  ['without a network to it', { status: 'offline', revision: null, error: 'gone', fault: 'datafile', retryInMs: 500 }, false],
  ['that cannot be reached', { status: 'offline', revision: null, error: 'The relay at http://x cannot be reached.', fault: 'relay' }, false],
  ['that does not know the key', { status: 'offline', revision: null, error: 'The relay has no project k.', fault: 'key' }, false],
];
for (const [which, line, want] of lacks) {
  test(`a relay ${which} ${want ? 'lacks nothing but a datafile' : 'is in another state than that'}`, () => assert.equal(lacksDatafile(line), want));
}
