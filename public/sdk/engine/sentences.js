import { STEP_SIZE, UNKNOWN } from './steps.js';

/**
 * Reasons of decisions. The engine writes a sentence once, as the texts around what differs from user to user; from then on the
 * integers of its step stand for it (steps.js).
 */
export class Sentences {
  /** By the kind of step. @type {{rule: number, variation: number, texts: string[]}[][]} */
  #known = [];

  /**
   * The reasons of a decision, as far as their sentences are known.
   * @param {Int32Array} words
   * @param {number} from the first of the steps
   * @param {number} to
   * @param {string} id of the user
   * @returns {string[] | undefined} undefined when there is one to learn
   */
  tell(words, from, to, id) {
    const reasons = [];
    for (let at = from; at < to; at += STEP_SIZE) {
      const texts = this.#find(words[at], words[at + 1], words[at + 2]);
      if (!texts) return undefined;
      reasons.push(complete(texts, id, words[at + 4]));
    }
    return reasons;
  }

  /**
   * The reasons of a decision with any sentences.
   * @param {Int32Array} steps
   * @param {string[][]} sentences of these steps
   * @param {string} id of the user
   */
  learn(steps, sentences, id) {
    return sentences.map((texts, i) => {
      const [kind, rule, variation, , bucket] = steps.subarray(i * STEP_SIZE);
      // The key of a variation that is none is told by nothing but its sentence.
      if (variation !== UNKNOWN && !this.#find(kind, rule, variation)) (this.#known[kind] ??= []).push({ rule, variation, texts });
      return complete(texts, id, bucket);
    });
  }

  /** @param {number} kind @param {number} rule @param {number} variation */
  #find(kind, rule, variation) {
    const alike = this.#known[kind];
    if (alike) for (const sentence of alike) if (sentence.rule === rule && sentence.variation === variation) return sentence.texts;
    return undefined;
  }
}

/** @param {string[]} texts one around nothing, two around the id, three around the bucket and the id @param {string} id @param {number} bucket */
function complete([first, second, third], id, bucket) {
  if (second === undefined) return first;
  return third === undefined ? first + id + second : first + bucket + second + id + third;
}
