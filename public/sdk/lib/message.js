/**
 * Fills the `%s` of a template from left to right.
 * @param {string} template
 * @param {unknown[]} params
 */
export function format(template, params) {
  let next = 0;
  return template.replace(/%s/g, () => String(params[next++]));
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

/**
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
