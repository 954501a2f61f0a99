/** An attribute without a value, which is a mistake in the making. */
export class AttributeError extends Error {
  /** @param {string} key */
  constructor(key) {
    super(`Provided attribute: ${key} has an undefined value.`);
    this.name = 'AttributeError';
  }
}

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
