/** JSON over HTTP, and in one sentence what went wrong. */

const TIMEOUT_MS = 10_000;

/**
 * Always asks the server, which answers 304 when nothing changed: the browser's cache keeps the ETag. (A hand-made
 * If-None-Match would cost a CORS preflight on every request to a relay elsewhere.)
 * @param {string} url absolute, or relative to the page
 * @param {string} [token] that opens it
 * @returns {Promise<unknown>}
 * @throws {Error} whose message a visitor can read; its cause is the status of an answer that was none, 0 where none came, what was said with it, and about which parameter
 */
export async function fetchJSON(url, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  const response = await fetch(url, { headers, cache: 'no-cache', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
    throw new Error(`${url} cannot be reached.`, { cause: { status: 0, said: '', field: '' } });
  });
  const { ok, status } = response;
  if (!ok) throw new Error(`${url} answered with status ${status}.`, { cause: { status, ...await refusalIn(response) } });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${url} is not JSON${placeIn(error)}.`);
  }
}

/** @param {unknown} error of JSON.parse @returns {string} where it stumbled, '' in browsers that do not tell */
function placeIn(error) {
  const [, line, column] = /line (\d+) column (\d+)/.exec(String(error)) ?? [];
  return line ? ` at line ${line}, column ${column}` : '';
}

/** @param {unknown} error of fetchJSON @returns {{status?: number, said: string, field: string}} no status where it was another fault */
export function failureOf(error) {
  return /** @type {{cause?: any}} */ (error).cause ?? { said: '', field: '' };
}

/**
 * Asks a relay to change something.
 * @param {string} url
 * @param {object} body
 * @throws {Error} whose message is the relay's own where it gave one
 */
export async function patchJSON(url, body) {
  const headers = { 'Content-Type': 'application/json' };
  const init = { method: 'PATCH', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) };
  const response = await fetch(url, init).catch(() => {
    throw new Error('The relay cannot be reached.');
  });
  if (response.ok) return;
  const { said } = await refusalIn(response);
  throw new Error(said || `The relay answered with status ${response.status}.`);
}

/**
 * @param {Response} response
 * @returns {Promise<{said: string, field: string}>} the relay's own words for why it refuses, and the parameter that they are about; '' where it has
 *   none or another answered in its place
 */
async function refusalIn(response) {
  const { error, field } = (await response.json().catch(() => null)) ?? {};
  return { said: typeof error === 'string' ? error : '', field: typeof field === 'string' ? field : '' };
}
