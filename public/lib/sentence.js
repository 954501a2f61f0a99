/** Errors as sentences that a visitor can read. */

/**
 * @param {unknown} error an Error, or the text of one
 * @returns {string} its message, ended as a sentence
 */
export function sentenceOf(error) {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
