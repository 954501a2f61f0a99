/** Whether the page's settings fit the datafile, and what to change when they do not. */

import { experimentByKey, experimentsOf } from './datafile.js';

/** @typedef {import('./config.js').Config} Config */
/** @typedef {import('./datafile.js').Datafile} Datafile */

const MOST_KEYS = 5;

/** The relay's settings that the page's are made of where the relay serves it. */
const FLAGS = { experimentKey: '--page-experiment', eventKey: '--page-event' };

/**
 * @param {Config} config
 * @param {Datafile} datafile
 * @returns {{experiment: string, event: string}} for each one sentence, '' when it is there
 */
export function misfitsOf({ experimentKey, eventKey, isServed }, datafile) {
  const { revision, events = [] } = datafile;
  const complain = (/** @type {string} */ what, /** @type {keyof typeof FLAGS} */ name, /** @type {{key: string}[]} */ there) => {
    const setting = isServed ? `the relay’s ${FLAGS[name]}` : `${name} in config.json`;
    return `Revision ${revision} of the datafile has no ${what}: ${advice(setting, there.map(({ key }) => key))}.`;
  };
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
  return `set ${setting} to ${keys.length === 1 ? shown : `one of ${shown}`}${keys.length > MOST_KEYS ? ', …' : ''}`;
}
