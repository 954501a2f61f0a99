/** A datafile in use: the engine's project, and the datafile's own objects for those who ask to see them. */

import { completeFeatureRollouts } from './feature_rollouts.js';
import { buildOptimizelyConfig } from '../optimizely_config.js';

/** @typedef {import('../engine/index.js').Project} Project */

/** Frees the projects of clients that were dropped or closed: a closed client still answers, as the official one does. */
const unreachable = new FinalizationRegistry((/** @type {Project} */ project) => project.close());

export class ProjectConfig {
  #entities;
  #optimizelyConfig;

  /** @param {Project} project belongs to the config from here on */
  constructor(project) {
    this.project = project;
    this.#entities = lazily(() => new Entities(project.datafile));
    this.#optimizelyConfig = lazily(() => buildOptimizelyConfig(project.datafile));
    unreachable.register(this, project, this);
  }

  /** The datafile's objects, as ACTIVATE shows them. They are read from the datafile when first asked for. */
  get entities() {
    return this.#entities();
  }

  /** The datafile for people and programs to read, made when first asked for. */
  get optimizelyConfig() {
    return this.#optimizelyConfig();
  }

  /** Frees the project. */
  close() {
    unreachable.unregister(this);
    this.project.close();
  }
}

/** Rules and variations as the official SDK passes them: objects of the datafile with what it adds while parsing. */
class Entities {
  /** @type {Map<string, any>} */
  #experiments = new Map();
  /** @type {Map<string, any>} */
  #holdouts = new Map();
  /** @type {Map<string, any>} */
  #variations = new Map();

  /** @param {string} datafile */
  constructor(datafile) {
    const project = JSON.parse(datafile);
    completeFeatureRollouts(project);
    const { experiments = [], groups = [], rollouts = [], holdouts = [], localHoldouts = [] } = project;
    for (const experiment of experiments) this.#add(this.#experiments, experiment);
    for (const group of groups) for (const experiment of group.experiments) this.#add(this.#experiments, Object.assign(experiment, { groupId: group.id }));
    for (const rollout of rollouts) for (const rule of rollout.experiments) this.#add(this.#experiments, Object.assign(rule, { isRollout: true }));
    for (const holdout of holdouts) this.#addHoldout(holdout, true);
    for (const holdout of localHoldouts) this.#addHoldout(holdout, false);
  }

  /** @param {any} holdout @param {boolean} isGlobal */
  #addHoldout(holdout, isGlobal) {
    Object.assign(holdout, { includedFlags: [], excludedFlags: [] });
    this.#add(this.#holdouts, holdout);
    holdout.isGlobal = isGlobal;
  }

  /** @param {Map<string, any>} rules @param {any} rule an id's last object wins */
  #add(rules, rule) {
    const { variations = [] } = rule;
    rule.variationKeyMap = Object.fromEntries(variations.map((/** @type {any} */ variation) => [variation.key, variation]));
    rules.set(rule.id, rule);
    for (const variation of variations) this.#variations.set(variation.id, variation);
  }

  /**
   * What was decided for a flag.
   * @param {import('../engine/index.js').Outcome} outcome
   */
  decided({ source, ruleId, variationId }) {
    const id = ruleId ?? '';
    return {
      experiment: source === 'holdout' ? null : this.#experiments.get(id) ?? null,
      holdout: source === 'holdout' ? this.#holdouts.get(id) ?? null : null,
      variation: this.#variations.get(variationId ?? '') ?? null,
    };
  }

  /**
   * What activate found.
   * @param {string} id
   * @param {string} variationKey
   */
  activated(id, variationKey) {
    const found = this.#experiments.get(id);
    const isHoldout = found.layerId === undefined; // as the official SDK tells them apart
    return {
      experiment: isHoldout ? null : found,
      holdout: isHoldout ? found : null,
      variation: found.variationKeyMap[variationKey], // undefined where the traffic allocation names another experiment's
    };
  }
}

/**
 * @template T
 * @param {() => T} make
 */
function lazily(make) {
  /** @type {{value: T} | undefined} */
  let made;
  return () => (made ??= { value: make() }).value;
}
