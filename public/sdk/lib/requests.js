/** As much of fetch as is asked for. @typedef {(url: string, init?: RequestInit) => Promise<Pick<Response, 'status' | 'headers' | 'text'>>} Fetch */

/**
 * The HTTP requests of one part of the SDK: each has a deadline, and all end together.
 */
export class Requests {
  #timeout;
  /** @type {Set<AbortController>} */
  #running = new Set();
  #fetch;

  /**
   * @param {number} timeout milliseconds until a request is given up, its answer's body included
   * @param {Fetch} [by] what requests go by; default: the host's own
   */
  constructor(timeout, by = (...request) => fetch(...request)) {
    this.#timeout = timeout;
    this.#fetch = by;
  }

  /**
   * @param {string} url
   * @param {RequestInit} [init]
   * @returns {Promise<{status: number, headers: Headers, text: string}>} rejects without an answer
   */
  async send(url, init) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error('Request timeout')), this.#timeout);
    this.#running.add(controller);
    try {
      const response = await this.#fetch(url, { ...init, signal: controller.signal });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } finally {
      clearTimeout(timer);
      this.#running.delete(controller);
    }
  }

  /** Gives up what is under way. */
  abort() {
    for (const controller of this.#running) controller.abort(new Error('Request cancelled'));
  }
}
