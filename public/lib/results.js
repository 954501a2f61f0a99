/** The relay's results, as far as the pages read them, and what there is to say about them. They follow Optimizely's. */

/**
 * The answer to /v1/results/{sdkKey}.
 * @typedef {object} Results
 * @property {string} sdkKey
 * @property {string} revision of the datafile
 * @property {Experiment[]} experiments
 */

/** @typedef {{revision: string, experiments: Experiment[], health: Record<string, Partial<Health>>}} Changes what is not as it was: see protocol.js */

/**
 * @typedef {object} Experiment
 * @property {string} experiment_id
 * @property {string} experiment_key
 * @property {number} confidence_threshold 0.9, 0.95 or 0.99
 * @property {string | null} start_time of the first event
 * @property {string | null} end_time of the last
 * @property {{total_count: number, variations: Record<string, Reach>}} reach
 * @property {Metric[]} metrics
 * @property {Health} x_health
 * @property {Epoch[]} x_epochs
 * @property {string[]} x_variations ids in the datafile's order
 * @property {boolean} [x_gone] the datafile has it no more
 * @property {boolean} x_trustworthy
 */

/** @typedef {{name: string, count: number, variation_reach: number, x_removed?: boolean}} Reach visitors of a variation */

/**
 * @typedef {object} Metric
 * @property {string} name the event's key
 * @property {string} event_id
 * @property {string} aggregator `unique` counts visitors who converted, `count` conversions, `sum` adds up a field
 * @property {string | null} field `revenue`, in cents, or `value`
 * @property {'primary' | 'secondary' | 'monitoring'} x_tier
 * @property {{winner: string | null, loser: string | null}} conclusion
 * @property {Record<string, Outcome>} results by variation id
 */

/** @typedef {'baseline' | 'collecting' | 'winner' | 'loser' | 'inconclusive' | 'removed'} Status */

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {boolean} is_baseline
 * @property {number} samples visitors
 * @property {number} value
 * @property {number} rate value per visitor
 * @property {number} x_converters visitors whose number is not 0
 * @property {Status} x_status
 * @property {Lift} [lift] none of the baseline
 * @property {Point[]} [timeseries]
 */

/** @typedef {[number | null, number | null]} Ends */

/**
 * @typedef {object} Lift
 * @property {number | null} value
 * @property {number} significance
 * @property {Ends} confidence_interval
 * @property {number | null} visitors_remaining
 * @property {number} x_p_value
 * @property {number} x_resets
 * @property {{p_value: number, naive_p_value: number, naive_called_at: number | null}} x_current
 */

/**
 * @typedef {object} Point
 * @property {string} time
 * @property {number} samples
 * @property {number} value
 * @property {number} rate
 * @property {{value: number | null, significance: number, confidence_interval: Ends, x_naive_p_value: number, x_reset?: boolean}} [lift]
 */

/** @typedef {{since: string, revisions: string[], allocation: Record<string, number>, visitors: number}} Epoch */

/**
 * What one should know before one believes the rest.
 * @typedef {object} Health
 * @property {{p: number, chi2_p: number, status: 'ok' | 'warning' | 'mismatch', expected: Record<string, number>, observed: Record<string, number>}} srm
 * @property {{checked: number, mismatches: number, unknown: number}} decisions that the relay's own engine repeated
 * @property {number} crossovers
 * @property {number} duplicates
 * @property {number} unattributed
 * @property {number} late
 * @property {number} ahead
 * @property {number} amounts
 * @property {number} strangers
 */

/**
 * Results as they stand after changes.
 * @param {Results} results
 * @param {Changes} changes
 * @returns {Results}
 */
export function withChanges(results, { revision, experiments, health }) {
  const changed = new Map(experiments.map((each) => [each.experiment_id, each]));
  const after = (/** @type {Experiment} */ was) => {
    const id = was.experiment_id;
    return changed.get(id) ?? (id in health ? { ...was, x_health: { ...was.x_health, ...health[id] } } : was);
  };
  return { ...results, revision, experiments: results.experiments.map(after) };
}

/**
 * The ids of a metric's variations: the baseline, the datafile's others in its order, then those it dropped.
 * @param {Experiment} experiment
 * @param {Metric} metric
 */
export function orderedIds({ x_variations: known }, { results }) {
  const rank = (/** @type {string} */ id) => {
    if (results[id].is_baseline) return -1;
    return known.includes(id) ? known.indexOf(id) : known.length;
  };
  return Object.keys(results).sort((a, b) => rank(a) - rank(b));
}

/**
 * Metrics of which anything ever came; the primary one always.
 * @param {Experiment} experiment
 */
export function shownMetrics({ metrics }) {
  return metrics.filter(({ x_tier: tier, results }) => Object.values(results).some(({ x_converters: n }) => tier === 'primary' || n > 0));
}

/**
 * Where the observed improvement stands outside its interval. It is what is observed now, and the interval what all looks so far leave
 * possible: for a while it may.
 * @param {Lift | undefined} lift
 * @returns {'above' | 'below' | ''}
 */
export function strayOf(lift) {
  const { value = null, confidence_interval: [low, high] } = lift ?? { confidence_interval: [null, null] };
  if (value === null || low === null || high === null) return '';
  if (value > high) return 'above';
  return value < low ? 'below' : '';
}

/**
 * What a metric is about, in words.
 * @param {Metric} metric
 */
export function titleOf({ name, aggregator, field }) {
  if (aggregator === 'unique') return `Visitors with ${name}`;
  if (aggregator === 'count') return `All ${name}`;
  return `${field === 'revenue' ? 'Revenue' : 'Value'} of ${name}`;
}

/**
 * The experiment to show first: the one asked for, else one that anybody saw.
 * @param {Results} results
 * @param {string} key
 * @returns {Experiment | undefined}
 */
export function pickExperiment({ experiments }, key) {
  return experiments.find(({ experiment_key: its }) => its === key)
    ?? experiments.find(({ reach }) => reach.total_count > 0) ?? experiments[0];
}
