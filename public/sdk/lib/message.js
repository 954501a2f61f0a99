export { messageOf } from '../engine/errors.js';

/**
 * Fills the `%s` of a template from left to right. A parameter that is a function is called, as officially.
 * @param {string} template
 * @param {unknown[]} params
 */
export function format(template, params) {
  let next = 0;
  return template.replace(/%s/g, () => {
    const param = params[next++];
    return String(typeof param === 'function' ? param() : param);
  });
}

/** An error that an error notifier can tell by its template, whatever was filled in. */
export class OptimizelyError extends Error {
  /**
   * @param {string} baseMessage with `%s` for each parameter
   * @param {...unknown} params
   */
  constructor(baseMessage, ...params) {
    super(format(baseMessage, params));
    this.name = 'OptimizelyError';
    this.baseMessage = baseMessage;
    this.params = params;
  }
}
