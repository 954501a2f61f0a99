import { element } from '../../lib/dom.js';
import { renderAudience } from './audience.js';
import { renderLine } from './line.js';

/**
 * @typedef {import('../../lib/explanation.js').Station} Station
 * @typedef {import('../../lib/rule-checks.js').Check} Check
 */

const KINDS = { flag: 'Flag', experiment: 'Experiment', delivery: 'Delivery rule', holdout: 'Holdout' };
const SIGNS = { yes: '✓', no: '✕', decides: '●', none: '–', skipped: '·' };
const STATES = { yes: 'passed', no: 'ends here', decides: 'decides', none: 'does not apply', skipped: 'not asked' };

/** A rule on the way, with what was asked there. @param {Station} station @param {boolean} isLast whether none was asked after it @returns {HTMLElement} */
export function renderStation({ kind, key, outcome, variation, checks }, isLast) {
  const head = element('div', 'station-head', element('span', 'station-kind', KINDS[kind]), element('h3', 'station-key', key), element('p', 'station-outcome', wordsOf(outcome, variation, isLast)));
  const station = element('li', 'station', head);
  station.dataset.outcome = outcome;
  if (checks.length) station.append(element('ul', 'checks', ...checks.map(renderCheck)));
  return station;
}

/** @param {Station['outcome']} outcome @param {string | null} variation @param {boolean} isLast */
function wordsOf(outcome, variation, isLast) {
  if (outcome === 'not asked') return 'not asked';
  return outcome === 'decided' || isLast ? `gives ${variation ?? 'no variation'}` : 'goes on';
}

/** @param {Check} check */
function renderCheck({ name, state, words, audience, line }) {
  const sign = element('span', 'check-sign', SIGNS[state]);
  sign.setAttribute('role', 'img');
  sign.setAttribute('aria-label', STATES[state]);
  const check = element('li', 'check', sign, element('span', 'check-name', name), element('span', 'check-words', words));
  check.dataset.state = state;
  if (audience) check.append(element('div', 'check-more', renderAudience(audience)));
  if (line) check.append(element('div', 'check-more', renderLine(line)));
  return check;
}
