/** Errors as sentences that a visitor can read. */

/**
 * @param {unknown} error an Error, or the text of one
 * @returns {string} its message, begun and ended as a sentence
 */
export function sentenceOf(error) {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const begun = /^[a-z]+ /.test(message) ? message[0].toUpperCase() + message.slice(1) : message; // not "config.json …"
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
