/** What is told as sentences that a visitor can read. */

/**
 * @param {unknown} error an Error, or the text of one
 * @returns {string} its message, begun and ended as a sentence
 */
export function sentenceOf(error) {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const begun = /^[a-z]+ /.test(message) ? message[0].toUpperCase() + message.slice(1) : message; // not "config.json …"
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/**
 * What a sentence says is wrong, to stand inside another one: without what may be done about it, which comes after a colon.
 * @param {string} sentence one of sentenceOf's
 */
export function clauseOf(sentence) {
  const [wrong] = sentence.replace(/[.!?]$/, '').split(': ');
  return wrong.replace(/^Th/, 'th'); // names of settings and files stay as they are
}

/** @param {string[]} words @returns {string} such as "a, b and c" */
export function listOf(words) {
  return new Intl.ListFormat('en-GB').format(words);
}
