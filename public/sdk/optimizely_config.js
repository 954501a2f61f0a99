/** A project as an application may look through it: experiments and flags by key, audiences in words. */

import { completeFeatureRollouts } from './config/feature_rollouts.js';
import { silent } from './lib/logger.js';

/**
 * @typedef {import('./lib/logger.js').Logger} Logger
 *
 * @typedef {{id: string, key: string, type: string, value: string}} OptimizelyVariable
 * @typedef {{id: string, key: string, featureEnabled?: boolean, variablesMap: Record<string, OptimizelyVariable>}} OptimizelyVariation
 * @typedef {{id: string, key: string, audiences: string, variationsMap: Record<string, OptimizelyVariation>}} OptimizelyExperiment
 *
 * @typedef {object} OptimizelyFeature
 * @property {string} id
 * @property {string} key
 * @property {(OptimizelyExperiment | undefined)[]} experimentRules undefined for one whose id a delivery rule has as well
 * @property {OptimizelyExperiment[]} deliveryRules
 * @property {Record<string, OptimizelyExperiment>} experimentsMap
 * @property {Record<string, OptimizelyVariable>} variablesMap
 */

/** In the official order of properties, so that it is the same text as JSON. */
export class OptimizelyConfig {
  /** @param {string} datafile @param {any} project the datafile, parsed @param {Entities} entities */
  constructor(datafile, project, entities) {
    this.sdkKey = project.sdkKey ?? '';
    this.environmentKey = project.environmentKey ?? '';
    this.attributes = project.attributes ?? [];
    this.audiences = listedAudiences(project);
    this.events = project.events;
    this.revision = project.revision;
    this.experimentsMap = entities.experimentsMap;
    this.featuresMap = entities.featuresMap;
    this.datafile = datafile;
  }

  getDatafile() {
    return this.datafile;
  }
}

/**
 * @param {string} datafile one that the engine takes
 * @param {Logger} [logger] told of experiments that share a key: the last is shown
 * @returns {OptimizelyConfig}
 * @throws {Error} where the official SDK shows nothing either: a variation sets a variable that no flag has, audience
 *   conditions are no list, or one begins with `not` and an unknown audience
 */
export function buildOptimizelyConfig(datafile, logger = silent) {
  const project = JSON.parse(datafile);
  return new OptimizelyConfig(datafile, project, new Entities(project, logger));
}

/** Experiments and flags, each under its key. */
class Entities {
  #audienceNames;
  /** The last with an id, delivery rules among them. @type {Map<string, any>} */
  #experiments;
  /** @type {Map<string, any>} */
  #rollouts;
  /** Every flag's. @type {Map<string, any>} */
  #variables;
  /** A flag's variables by its id. @type {Map<string, any[]>} */
  #variablesOfFlag;
  /** What an experiment's first flag lists. @type {Map<string, any[]>} */
  #variablesOfExperiment = new Map();
  /** @type {Map<string, OptimizelyExperiment>} */
  #shown = new Map();

  /** @param {any} project @param {Logger} logger */
  constructor(project, logger) {
    completeFeatureRollouts(project);
    const { experiments = [], groups, rollouts, featureFlags, audiences, typedAudiences } = project;
    const grouped = (groups ?? []).flatMap((/** @type {any} */ group) => group.experiments);
    const rules = (rollouts ?? []).flatMap((/** @type {any} */ rollout) => rollout.experiments);
    const all = [...experiments, ...grouped];
    this.#audienceNames = new Map([...(audiences ?? []), ...(typedAudiences ?? [])].map(({ id, name }) => [String(id), String(name)]));
    this.#experiments = byId([...all, ...rules]);
    this.#rollouts = byId(rollouts ?? []);
    this.#variables = byId(featureFlags.flatMap((/** @type {any} */ flag) => flag.variables));
    this.#variablesOfFlag = new Map(featureFlags.map((/** @type {any} */ flag) => [String(flag.id), flag.variables]));
    for (const flag of featureFlags) this.#attach(flag);

    const ruleIds = new Set(rules.map((/** @type {any} */ { id }) => id));
    this.experimentsMap = this.#showAll(all.filter(({ id }) => !ruleIds.has(id)), logger);
    /** @type {Record<string, OptimizelyFeature>} */
    this.featuresMap = keyed(featureFlags.map((/** @type {any} */ flag) => this.#feature(flag)));
  }

  /** Gives a flag's experiments its variables, unless an earlier flag gave them its own. @param {any} flag */
  #attach({ id: flagId, experimentIds }) {
    for (const id of experimentIds.map(String)) {
      if (!this.#variablesOfExperiment.has(id)) this.#variablesOfExperiment.set(id, this.#variablesOfFlag.get(String(flagId)) ?? []);
    }
  }

  /** @param {any[]} experiments @param {Logger} logger */
  #showAll(experiments, logger) {
    const keys = new Set();
    for (const experiment of experiments) {
      if (keys.has(experiment.key)) logger.warn('Duplicate experiment keys found in datafile: %s', experiment.key);
      keys.add(experiment.key);
    }
    const shown = experiments.map((experiment) => this.#experiment(experiment, this.#variablesOfExperiment.get(String(experiment.id)) ?? []));
    this.#shown = byId(shown);
    return keyed(shown);
  }

  /** @param {any} flag @returns {OptimizelyFeature} */
  #feature({ id, key, experimentIds, rolloutId, variables }) {
    const known = experimentIds.filter((/** @type {string} */ experimentId) => this.#experiments.has(String(experimentId)));
    const experimentRules = known.map((/** @type {string} */ experimentId) => this.#shown.get(String(experimentId)));
    const rules = this.#rollouts.get(String(rolloutId))?.experiments ?? [];
    const ofFlag = this.#variablesOfFlag.get(String(id)) ?? [];
    return {
      id, key, experimentRules,
      deliveryRules: rules.map((/** @type {any} */ rule) => this.#experiment(rule, ofFlag)),
      experimentsMap: keyed(experimentRules.filter(Boolean)),
      variablesMap: keyed(variables.map(variable)),
    };
  }

  /** @param {any} experiment @param {any[]} variables of its flag @returns {OptimizelyExperiment} */
  #experiment({ id, key, audienceConditions, variations }, variables) {
    return {
      id, key,
      audiences: audienceConditions ? audienceText(audienceConditions, this.#audienceNames) : '',
      variationsMap: keyed(variations.map((/** @type {any} */ variation) => this.#variation(variation, variables))),
    };
  }

  /** @param {any} variation @param {any[]} variables @returns {OptimizelyVariation} */
  #variation({ id, key, featureEnabled, variables: own }, variables) {
    const set = (own ?? []).map((/** @type {any} */ { id: variableId, value }) => {
      const declared = this.#variables.get(String(variableId));
      if (!declared) throw new Error(`variation ${key} sets the variable ${variableId}, which no flag has`);
      return featureEnabled ? { ...variable(declared), value } : variable(declared);
    });
    return { id, key, featureEnabled, variablesMap: keyed([...variables.map(variable), ...set]) };
  }
}

/** @param {any} declared in a flag @returns {OptimizelyVariable} */
function variable({ id, key, type, subType, defaultValue }) {
  return { id, key, type: type === 'string' && subType === 'json' ? 'json' : type, value: defaultValue };
}

/** @param {any[]} entities the last with a key stays */
function keyed(entities) {
  return Object.fromEntries(entities.map((entity) => [entity.key, entity]));
}

/** @param {any[]} entities the last with an id stays */
function byId(entities) {
  return new Map(entities.map((entity) => [String(entity.id), entity]));
}

/** Typed ones first, then the older ones that none of them replaces. @param {any} project */
function listedAudiences({ audiences, typedAudiences }) {
  const typed = typedAudiences ?? [];
  const replaced = new Set(['$opt_dummy_audience', ...typed.map((/** @type {any} */ { id }) => id)]);
  const older = (audiences ?? []).filter((/** @type {any} */ { id }) => !replaced.has(id));
  return [
    ...typed.map((/** @type {any} */ { id, conditions, name }) => ({ id, conditions: JSON.stringify(conditions), name })),
    ...older.map((/** @type {any} */ { id, conditions, name }) => ({ id, conditions: JSON.stringify(JSON.parse(conditions)), name })),
  ];
}

/**
 * Conditions in words: names in quotes, joined by the operator that came last.
 * @param {any[]} conditions
 * @param {Map<string, string>} names of the audiences, by id
 * @returns {string}
 */
function audienceText(conditions, names) {
  if (!Array.isArray(conditions)) throw new Error('the audience conditions are no list');
  let text = '';
  let operator = 'OR';
  for (const item of conditions) {
    if (item === 'and' || item === 'or' || item === 'not') {
      operator = item.toUpperCase();
      continue;
    }
    const name = Array.isArray(item) ? `(${audienceText(item, names)})` : names.get(String(item));
    if (!text && operator === 'NOT' && name === undefined) throw new Error(`the audience ${item} is not in the datafile`);
    if (text) text += ` ${operator} `;
    else if (operator === 'NOT') text = 'NOT ';
    text += Array.isArray(item) ? name : `"${name ?? item}"`;
  }
  return text;
}
