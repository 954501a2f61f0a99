import assert from 'node:assert/strict';
import test from 'node:test';
import { misfitsOf } from './fit.js';

const config = { relayUrl: 'http://relay', isServed: false, sdkKey: 'k', experimentKey: 'item-sort', eventKey: 'item_purchase', sort: {}, complaint: '' };
const things = (/** @type {string[]} */ ...keys) => keys.map((key) => ({ id: key, key }));

/** @type {[string, any, {experiment: string, event: string}][]} */
const cases = [
  ['all is there', { revision: '7', experiments: things('item-sort'), events: things('item_purchase') }, { experiment: '', event: '' }],
  ['an experiment in a group is there', { groups: [{ id: '1', experiments: things('item-sort') }], events: things('item_purchase') },
    { experiment: '', event: '' }],
  ['another experiment, other events', { revision: '7', experiments: things('banner'), events: things('a', 'b', 'c', 'd', 'e', 'f') }, {
    experiment: 'Revision 7 of the datafile has no experiment item-sort: set experimentKey in config.json to banner.',
    event: 'Revision 7 of the datafile has no event item_purchase, so purchases are not counted: '
      + 'set eventKey in config.json to one of a, b, c, d, e, ….',
  }],
  ['nothing at all', { revision: '7', events: things('item_purchase') }, {
    experiment: 'Revision 7 of the datafile has no experiment item-sort: it has none at all, so create one in the project.', event: '',
  }],
];
for (const [name, datafile, want] of cases) {
  test(name, () => assert.deepEqual(misfitsOf(config, datafile), want));
}

test('a page that the relay serves has its settings from there', () => {
  const { experiment, event } = misfitsOf({ ...config, isServed: true }, { revision: '7', experiments: things('banner'), events: things('a', 'b') });
  assert.match(experiment, /: set the relay’s --page-experiment to banner\.$/);
  assert.match(event, /: set the relay’s --page-event to one of a, b\.$/);
});
