/** A datafile that came to this page, as the console looks at it: its text, its objects, and the engine's project. */

import { parseWithNulls } from '../lib/datafile.js';
import { completeFeatureRollouts } from '../lib/feature_rollouts.js';
import { besideEngine } from '../sdk/beside.js';

const CLIENT = { clientName: 'console', clientVersion: '1' };

export class Revision {
  /**
   * @param {string} text
   * @param {import('../sdk/engine/index.js').Project} project
   * @param {number} since milliseconds since 1970: when it came
   */
  constructor(text, project, since) {
    this.text = text;
    this.project = project;
    this.since = since;
    /** With what the engine adds to feature rollouts. @type {any} */
    this.datafile = parseWithNulls(text);
    completeFeatureRollouts(this.datafile);
  }

  get name() {
    return this.project.facts.revision;
  }

  /**
   * @param {string} text
   * @param {number} [since]
   * @returns {Promise<Revision>} rejects with a sentence when there is no engine, or the text is no datafile
   */
  static async open(text, since = Date.now()) {
    const engine = await besideEngine.load();
    return new Revision(text, engine.open(text, CLIENT), since);
  }
}
