/** @typedef {(details?: Record<string, unknown>) => unknown} Handler */

/**
 * What OpenFeature's SDK listens to a provider by: its ProviderEventEmitter, so that a page may import the provider without a
 * bundler to find OpenFeature's own.
 */
export class ProviderEvents {
  /** @type {Map<string, Handler[]>} */
  #handlers = new Map();
  /** @type {{error(...args: unknown[]): void} | undefined} */
  #logger;

  /** @param {string} type @param {Record<string, unknown>} [details] */
  emit(type, details) {
    for (const handler of this.getHandlers(type)) this.#call(handler, details);
  }

  /** @param {Handler} handler @param {Record<string, unknown>} [details] */
  async #call(handler, details) {
    try {
      await handler(details);
    } catch (error) {
      this.#logger?.error('Error running event handler:', error);
    }
  }

  /** @param {string} type @param {Handler} handler */
  addHandler(type, handler) {
    this.#handlers.set(type, [...this.getHandlers(type), handler]);
  }

  /** @param {string} type @param {Handler} handler */
  removeHandler(type, handler) {
    this.#handlers.set(type, this.getHandlers(type).filter((other) => other !== handler));
  }

  /** @param {string} [type] */
  removeAllHandlers(type) {
    if (type === undefined) this.#handlers.clear();
    else this.#handlers.delete(type);
  }

  /** @param {string} type @returns {Handler[]} */
  getHandlers(type) {
    return this.#handlers.get(type) ?? [];
  }

  /** @param {{error(...args: unknown[]): void}} logger */
  setLogger(logger) {
    this.#logger = logger;
    return this;
  }
}
