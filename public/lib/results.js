/** What the relay counted, made ready to be shown: one table for each experiment and event. */

/**
 * The relay's answer to /v1/results/{sdkKey}, as far as this page reads it. It follows Optimizely's results.
 * @typedef {object} Results
 * @property {string} sdkKey
 * @property {string} revision of the datafile
 * @property {ExperimentResults[]} experiments
 */

/**
 * @typedef {object} ExperimentResults
 * @property {string} experiment_id
 * @property {string} experiment_key
 * @property {{total_count: number, variations: Record<string, {name: string, count: number}>}} reach visitors
 * @property {Metric[]} metrics
 * @property {Health} [x_health]
 */

/**
 * What one should know before one believes the rest.
 * @typedef {object} Health
 * @property {number} [duplicates] events that came again, and were not counted again
 * @property {number} [unattributed] conversions of visitors who had seen no variation before
 * @property {number} [crossovers] visitors who saw more than one variation
 */

/**
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} event_id
 * @property {string} aggregator `unique` counts visitors who converted, `count` conversions, `sum` adds up a field
 * @property {string | null} field such as `revenue`, in cents
 * @property {Record<string, {name: string, is_baseline?: boolean, value: number}>} results by variation id
 */

/**
 * @typedef {object} Row
 * @property {string} variation
 * @property {boolean} baseline
 * @property {number} visitors
 * @property {number} conversions visitors who converted, each once
 * @property {number} rate conversions by visitors, 0 without any
 * @property {number | undefined} revenue in cents; undefined when the relay does not tell
 */

/**
 * @typedef {object} Table
 * @property {string} experiment
 * @property {string} event
 * @property {Row[]} rows one a variation, the baseline first
 * @property {Row} total
 * @property {Required<Health>} health
 */

/**
 * @param {Results} results
 * @returns {Table[]}
 */
export function toTables({ experiments }) {
  return experiments.flatMap((experiment) => experiment.metrics
    .filter((metric) => metric.aggregator === 'unique')
    .map((metric) => toTable(experiment, metric)));
}

/**
 * @param {ExperimentResults} experiment
 * @param {Metric} unique
 * @returns {Table}
 */
function toTable(experiment, unique) {
  const revenue = experiment.metrics.find((metric) => metric.event_id === unique.event_id
    && metric.aggregator === 'sum' && metric.field === 'revenue');
  const rows = Object.entries(experiment.reach.variations).map(([id, { name, count }]) => toRow({
    variation: name,
    baseline: unique.results[id]?.is_baseline ?? false,
    visitors: count,
    conversions: unique.results[id]?.value ?? 0,
    revenue: revenue && (revenue.results[id]?.value ?? 0),
  }));
  rows.sort((a, b) => Number(b.baseline) - Number(a.baseline));
  const health = { duplicates: 0, unattributed: 0, crossovers: 0, ...experiment.x_health };
  return { experiment: experiment.experiment_key, event: unique.name, rows, total: add(rows), health };
}

/**
 * @param {Omit<Row, 'rate'>} counts
 * @returns {Row}
 */
function toRow(counts) {
  return { ...counts, rate: counts.visitors > 0 ? counts.conversions / counts.visitors : 0 };
}

/**
 * @param {Row[]} rows
 * @returns {Row}
 */
function add(rows) {
  const sum = (/** @type {(row: Row) => number | undefined} */ of) => rows.reduce((all, row) => all + (of(row) ?? 0), 0);
  return toRow({
    variation: 'All visitors',
    baseline: false,
    visitors: sum((row) => row.visitors),
    conversions: sum((row) => row.conversions),
    revenue: rows.some((row) => row.revenue !== undefined) ? sum((row) => row.revenue) : undefined,
  });
}
