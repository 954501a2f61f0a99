import { readSteps } from './steps.js';
import { FAILED } from './exports.js';

/**
 * Tells more of a project's last decision, for pages that show why it came about. A page that only decides does not load it.
 */
export class Inspector {
  #project;

  /** @param {import('./project.js').Project} project */
  constructor(project) {
    this.#project = project;
  }

  /** Why the decision came about, for whoever wants to show rather than quote it. @returns {import('./steps.js').Step[]} */
  steps() {
    const { exports, frame, handle, rules } = this.#project.inside;
    const words = exports.steps(handle) >> 2;
    const at = frame.place >> 2;
    return readSteps(frame.words.subarray(at, at + words), rules.all, rules.variations);
  }

  /**
   * Whether the user meets conditions, such as a part of an audience's; null when nobody can tell.
   * @param {unknown} conditions as the datafile has them
   */
  meets(conditions) {
    return this.#truth(conditions, 0);
  }

  /**
   * The same of audiences, such as a part of what an experiment names.
   * @param {unknown} audiences their ids, as the datafile has them
   */
  meetsAudiences(audiences) {
    return this.#truth(audiences, 1);
  }

  /** @param {unknown} value @param {number} isList */
  #truth(value, isList) {
    const { exports, frame, handle } = this.#project.inside;
    frame.text(JSON.stringify(value));
    const answer = exports.truth(handle, isList);
    if (answer === FAILED) throw new Error('the engine cannot read these conditions');
    return [false, null, true][answer];
  }
}
