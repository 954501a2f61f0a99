/** A user and their attributes, as a client sees them. */
export class OptimizelyUserContext {
  #client;
  #userId;
  #attributes;
  /** Segments that qualify the user; null until some are set. @type {string[] | null} */
  qualifiedSegments = null;

  /**
   * @param {import('./client.js').Client} client
   * @param {string} userId
   * @param {Record<string, unknown>} [attributes] copied
   */
  constructor(client, userId, attributes) {
    this.#client = client;
    this.#userId = userId;
    this.#attributes = { ...attributes };
  }

  getUserId() {
    return this.#userId;
  }

  /** A copy. */
  getAttributes() {
    return { ...this.#attributes };
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  setAttribute(key, value) {
    this.#attributes[key] = value;
  }

  /** @param {string} segment */
  isQualifiedFor(segment) {
    return this.qualifiedSegments?.includes(segment) ?? false;
  }

  /** There is no service to ask for segments. @returns {Promise<boolean>} whether segments were set */
  async fetchQualifiedSegments() {
    return this.#client.fetchQualifiedSegments();
  }

  /**
   * Tracks a conversion of this user.
   * @param {string} eventKey
   * @param {Record<string, unknown>} [eventTags]
   */
  trackEvent(eventKey, eventTags) {
    this.#client.track(eventKey, this.#userId, this.#attributes, eventTags);
  }
}
