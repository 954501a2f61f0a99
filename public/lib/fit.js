/** Whether the page's settings fit the datafile, and what to change when they do not. */

import { experimentByKey, experimentsOf } from './datafile.js';

/** @typedef {import('./config.js').Config} Config */
/** @typedef {import('./datafile.js').Datafile} Datafile */

const MOST_KEYS = 5;

/**
 * @param {Config} config
 * @param {Datafile} datafile
 * @returns {{experiment: string, event: string}} for each one sentence, '' when it is there
 */
export function misfitsOf({ experimentKey, eventKey }, datafile) {
  const { revision, events = [] } = datafile;
  const complain = (/** @type {string} */ what, /** @type {string} */ setting, /** @type {{key: string}[]} */ there) => (
    `Revision ${revision} of the datafile has no ${what}: ${advice(setting, there.map(({ key }) => key))}.`);
  return {
    experiment: experimentByKey(datafile, experimentKey) ? '' : complain(`experiment ${experimentKey}`, 'experimentKey', experimentsOf(datafile)),
    event: events.some(({ key }) => key === eventKey) ? '' : complain(`event ${eventKey}, so purchases are not counted`, 'eventKey', events),
  };
}

/**
 * @param {string} setting
 * @param {string[]} keys
 */
function advice(setting, keys) {
  if (keys.length === 0) return 'it has none at all, so create one in the project';
  const shown = keys.slice(0, MOST_KEYS).join(', ');
  return `set ${setting} in config.json to ${keys.length === 1 ? shown : `one of ${shown}`}${keys.length > MOST_KEYS ? ', …' : ''}`;
}
