import { makeSeal } from './seal.js';
import { OptimizelyError } from './message.js';

/** @typedef {{handleError(error: Error): void}} ErrorHandler */

/** @type {import('./seal.js').Seal<ErrorHandler>} */
export const notifiers = makeSeal('error notifier');

/**
 * @param {ErrorHandler} errorHandler told of every error, besides the logger
 * @returns {object} for createInstance's `errorNotifier`
 */
export function createErrorNotifier(errorHandler) {
  if (typeof errorHandler?.handleError !== 'function') throw new Error('Invalid error handler');
  return notifiers.wrap(errorHandler);
}

/** Tells the application's error handler and the log of an error. */
export class ErrorReporter {
  #logger;
  #handler;

  /**
   * @param {import('./logger.js').Logger} logger
   * @param {ErrorHandler} [handler]
   */
  constructor(logger, handler) {
    this.#logger = logger;
    this.#handler = handler;
  }

  /**
   * @param {unknown} problem an error, or a template for an OptimizelyError
   * @param {...unknown} params of the template
   */
  report(problem, ...params) {
    const error = problem instanceof Error ? problem : new OptimizelyError(String(problem), ...params);
    try {
      this.#handler?.handleError(error);
    } catch (thrown) {
      this.#logger.error('The error handler threw an exception: %s', thrown);
    }
    this.#logger.error(error);
  }
}
