/** What a link to the results asks for, read as the relay's API reads it. */

/**
 * What is asked of the relay; '' is its default.
 * @typedef {object} Settings
 * @property {string} experiment key
 * @property {string} baseline variation id
 * @property {string} confidence
 * @property {string} crossovers
 * @property {string} start milliseconds since 1970: visitors from then on
 * @property {string} end the same: what happened before
 */

/** The last second that RFC 3339 can tell, in milliseconds. */
const LAST_MOMENT = 253_402_300_799_000;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** @typedef {(text: string) => string | undefined} Reader '' is the default, undefined what nobody understands */

const READERS = /** @type {const} */ ([
  ['confidence', among({ 0.9: '', 0.95: '0.95', 0.99: '0.99' }, (text) => String(Number(text)))],
  ['crossovers', among({ first: '', exclude: 'exclude' })],
  ['start', momentOf],
  ['end', momentOf],
]);

/**
 * @param {URLSearchParams} query
 * @returns {{settings: Settings, complaint: string}} complaint: of what is left out, '' when nothing is
 */
export function settingsIn(query) {
  const settings = { experiment: query.get('experiment') ?? '', baseline: query.get('baseline') ?? '', confidence: '', crossovers: '', start: '', end: '' };
  const unread = [];
  for (const [name, read] of READERS) {
    const text = query.get(name);
    const value = text ? read(text) : '';
    if (value === undefined) unread.push(`the ${name} ${text}`);
    else settings[name] = value;
  }
  const fate = unread.length > 1 ? 'were not understood and are' : 'was not understood and is';
  const complaints = unread.length > 0 ? [`This link asks for ${unread.join(' and ')}, which ${fate} left out.`] : [];
  const { start, end } = settings;
  if (start && end && Number(end) <= Number(start)) {
    settings.end = '';
    complaints.push(`This link asks for the end ${query.get('end')}, which is not after its start and is left out.`);
  }
  return { settings, complaint: complaints.join(' ') };
}

/** @param {Record<string, string>} values by what stands for them @param {(text: string) => string} [write] as there @returns {Reader} */
function among(values, write = (text) => text) {
  return (text) => (Object.hasOwn(values, write(text)) ? values[write(text)] : undefined);
}

/** @param {string} text milliseconds since 1970, or a time as RFC 3339 writes it @returns {string | undefined} the former */
function momentOf(text) {
  const at = /^\d+$/.test(text) ? Number(text) : RFC_3339.test(text) ? Date.parse(text) : NaN;
  return at > 0 && at <= LAST_MOMENT ? String(at) : undefined;
}
