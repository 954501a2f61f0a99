import { inspect } from 'node:util';
import { areas } from './play.js';

/** @param {import('./conformance.js').Outcome} outcome */
export function report({ compared, differences }) {
  console.log(`${'area'.padEnd(18)}${'equal'.padStart(9)}${'different'.padStart(11)}  seeds`);
  for (const area of areas) {
    const different = differences.filter((difference) => difference.area === area);
    const seeds = [...new Set(different.map(({ seed }) => seed))];
    const some = seeds.slice(0, 8).join(' ') + (seeds.length > 8 ? ` and ${seeds.length - 8} more` : '');
    console.log(`${area.padEnd(18)}${String((compared[area] ?? 0) - different.length).padStart(9)}${String(different.length).padStart(11)}  ${some}`.trimEnd());
  }
}

/** @param {{scenario: import('./scenario.js').Scenario, difference: import('./conformance.js').Difference}} found */
export function reportDifference({ scenario, difference: { seed, area, call, official, ours } }) {
  console.log(`\nseed ${seed}, ${area}: ${call}\nofficial: ${official}\nours:     ${ours}\n\nthe smallest scenario that shows it:`);
  console.log(inspect(scenario, { depth: null, breakLength: 160, maxStringLength: 400, maxArrayLength: null }));
}
