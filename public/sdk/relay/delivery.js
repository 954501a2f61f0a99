/** How a batch reaches the relay, and what its answer means for the batch. */

import { messageOf } from '../lib/message.js';
import { Requests } from '../lib/requests.js';

/**
 * `later` is to be tried again, with the same uuids: the relay counts an event once however often it comes.
 * `duplicates` are the places in the batch, from 0, of events that the relay had before.
 * @typedef {{outcome: 'safe', duplicates?: Set<number>} | {outcome: 'refused', error: string} | {outcome: 'later', error: string, retryAfterMs?: number}} Answer
 */

const TIMEOUT_MS = 10_000;
const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

/** What a browser still sends for a page that is gone: 65536 bytes over all requests, with room for their headers. */
export const FAREWELL_BYTES = 60_000;

const encoder = new TextEncoder();

export class Delivery {
  #url;
  #requests;

  /** @param {string} url @param {typeof fetch} [by] what requests go by */
  constructor(url, by) {
    this.#url = url;
    this.#requests = new Requests(TIMEOUT_MS, by);
  }

  /**
   * Posts as plain text, which other origins may do without asking first.
   * @param {string} body
   * @returns {Promise<Answer>}
   */
  async post(body) {
    const keepalive = sizeOf(body) <= FAREWELL_BYTES; // outlives the page where it can
    try {
      return judge(await this.#requests.send(this.#url, { method: 'POST', body, keepalive }));
    } catch (error) {
      return { outcome: 'later', error: `The relay cannot be reached: ${messageOf(error)}` };
    }
  }
}

/** Bytes of a text in UTF-8. @param {string} text */
export function sizeOf(text) {
  return encoder.encode(text).length;
}

/**
 * Only 204 says that a batch is safe: a login page on the way may answer 200. For good is only what the relay says of the batch itself,
 * or whoever finds it too large; it goes again in smaller batches. What any other answer says passes once a proxy or a setting is mended.
 * @param {{status: number, headers: Headers, text: string}} response
 * @returns {Answer}
 */
function judge({ status, headers, text }) {
  if (status === 204) return { outcome: 'safe', duplicates: duplicates(headers.get('x-duplicates')) };
  const said = saidIn(text);
  const error = said ?? `Something other than the relay answers ${status}.`;
  if (status === 413 || (status === 400 && said !== undefined)) return { outcome: 'refused', error };
  return { outcome: 'later', error, retryAfterMs: retryAfter(headers.get('retry-after') ?? '') };
}

/**
 * @param {string} text of an answer
 * @returns {string | undefined} what the relay says is wrong
 */
function saidIn(text) {
  try {
    const { error, field } = JSON.parse(text);
    if (typeof error === 'string') return field ? `${error} (${field})` : error;
  } catch {
    // It is no answer of the relay's.
  }
  return undefined;
}

/** @param {string | null} header numbers with commas between them */
function duplicates(header) {
  return header ? new Set(header.split(',').map(Number)) : undefined;
}

/**
 * @param {string} header seconds, or a date
 * @returns {number | undefined} milliseconds
 */
function retryAfter(header) {
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS);
}
