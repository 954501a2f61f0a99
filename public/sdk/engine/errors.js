/** An attribute without a value, which is a mistake in the making. Its message is the attribute's key: applications hear of it in the official words. */
export class AttributeError extends Error {}

/** A datafile that is none; the message says what is wrong with it and where. */
export class DatafileError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'DatafileError';
  }
}

/** What was thrown, in words. @param {unknown} error @returns {string} */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
