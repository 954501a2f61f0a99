// Plays seeded scenarios on the official SDK and on ours, call by call, and prints by area how many answers were equal.
// The first difference is printed with the smallest scenario that still shows it; then the exit code is 1.
//
//   node main.js [--seeds N] [--seed S] [--first S] [--area NAME]
import { parseArgs } from 'node:util';
import { compareSeeds, smallest } from './conformance.js';
import { report, reportDifference } from './report.js';

const { values } = parseArgs({ options: {
  seeds: { type: 'string', default: '1000' }, first: { type: 'string', default: '1' }, seed: { type: 'string' }, area: { type: 'string' },
} });
const [first, count] = values.seed ? [Number(values.seed), 1] : [Number(values.first), Number(values.seeds)];
if (!Number.isInteger(first) || !(count > 0)) throw new Error('seeds are whole numbers, and there is at least one');

const official = await import('@optimizely/optimizely-sdk');
const ours = await import(String(new URL('../../../public/sdk/index.js', import.meta.url)));
await ours.ready;
process.on('unhandledRejection', () => {}); // the official SDK leaves some behind, where it is closed

const outcome = await compareSeeds(official, ours, first, count);
report(outcome);
const worst = outcome.differences.find(({ area }) => !values.area || area === values.area);
if (worst) reportDifference(await smallest(official, ours, worst));
process.exit(outcome.differences.length > 0 ? 1 : 0);
