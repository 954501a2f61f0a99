/** A datafile in use: the engine's project, and the datafile's own objects for those who ask to see them. */

import { OptimizelyConfig } from '../optimizely_config.js';
import { completeFeatureRollouts } from './feature_rollouts.js';

/** @typedef {import('../engine/index.js').Project} Project */

/** Frees the projects of clients that were dropped or closed: a closed client still answers, as the official one does. */
const unreachable = new FinalizationRegistry((/** @type {Project} */ project) => project.close());

export class ProjectConfig {
  #entities;
  #optimizelyConfig;

  /**
   * @param {Project} project belongs to the config from here on
   * @param {import('../lib/logger.js').Logger} logger
   */
  constructor(project, logger) {
    this.project = project;
    this.#entities = lazily(() => new Entities(project.datafile));
    this.#optimizelyConfig = lazily(() => new OptimizelyConfig(project, logger));
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

/** Rules and variations as the official SDK passes them: objects of the datafile with what it adds while parsing, numbered as the engine does. */
class Entities {
  #rules;
  #variations;
  /** The last with an id. @type {Map<string, any>} */
  #experiments;

  /** @param {string} datafile */
  constructor(datafile) {
    const project = JSON.parse(datafile);
    const { experiments = [], groups, rollouts, holdouts, localHoldouts } = project;
    const grouped = (groups ?? []).flatMap((/** @type {any} */ group) => group.experiments.map((/** @type {any} */ experiment) => Object.assign(experiment, { groupId: group.id })));
    const delivered = (rollouts ?? []).flatMap((/** @type {any} */ rollout) => rollout.experiments.map((/** @type {any} */ rule) => Object.assign(rule, { isRollout: true })));
    const local = (localHoldouts ?? []).filter((/** @type {any} */ { includedRules }) => Array.isArray(includedRules) && includedRules.length > 0);
    const all = [...experiments, ...grouped, ...delivered];
    this.#rules = [...all, ...(holdouts ?? []), ...local];
    this.#variations = this.#rules.flatMap(({ variations }) => variations ?? []);
    this.#experiments = new Map(all.map((experiment) => [experiment.id, experiment]));
    completeFeatureRollouts(project);
    for (const rule of all) mapVariations(rule);
    for (const holdout of holdouts ?? []) completeHoldout(holdout, true);
    for (const holdout of local) completeHoldout(holdout, false);
  }

  /**
   * What was decided for a flag.
   * @param {import('../engine/index.js').Outcome} outcome
   */
  decided({ rule, variation }) {
    return { ...kindOf(this.#rules[rule]), variation: this.#variations[variation] ?? null };
  }

  /**
   * What activate found.
   * @param {string} id
   * @param {string} variationKey
   */
  activated(id, variationKey) {
    const found = this.#experiments.get(id);
    return { ...kindOf(found), variation: found.variationKeyMap[variationKey] }; // undefined where the traffic allocation names another experiment's
  }
}

/** @param {any} rule */
function mapVariations(rule) {
  rule.variationKeyMap = Object.fromEntries((rule.variations ?? []).map((/** @type {any} */ variation) => [variation.key, variation]));
}

/** @param {any} holdout @param {boolean} isGlobal */
function completeHoldout(holdout, isGlobal) {
  Object.assign(holdout, { includedFlags: [], excludedFlags: [] });
  mapVariations(holdout);
  if (isGlobal) delete holdout.includedRules;
  holdout.isGlobal = isGlobal;
}

/** What has no layer is a holdout: so the official SDK tells them apart. @param {any} rule */
function kindOf(rule) {
  const isHoldout = rule !== undefined && rule.layerId === undefined;
  return { experiment: isHoldout ? null : rule ?? null, holdout: isHoldout ? rule : null };
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
