import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as official from '@optimizely/optimizely-sdk';
import { compareSeeds, smallest } from './conformance.js';
import { play } from './play.js';
import { makeScenario } from './scenario.js';

process.on('unhandledRejection', () => {}); // the official SDK leaves some behind, where it is closed

test('the official SDK answers as itself, so that every difference is one', async () => {
  const { compared, differences } = await compareSeeds(official, official, 1, 30);
  assert.deepEqual(differences, []);
  for (const [area, answers] of Object.entries(compared)) assert.ok(answers > 10, `${area}: ${answers}`);
});

/** What no decision but one of a kind says. */
const branches = [
  'not configured properly', 'No flag was found', '"Variation \\(.*\\), rule \\(', 'Invalid variation is mapped to flag \\(\\S*\\), rule', '"Variation \\(\\S*\\) is mapped to flag \\(\\S*\\) and',
  'Invalid variation is mapped to flag \\(\\S*\\) and', 'Holdout \\S* is not running', 'meets conditions for holdout', 'does not meet conditions for holdout', 'of holdout',
  'in no holdout variation', 'excludeTargetedDeliveries', 'not attached to any experiments', 'Experiment \\S* is not running', 'forced variation map',
  'is forced in variation', 'is not in datafile. Not activating', 'previously activated', 'does not meet conditions to be in experiment',
  'is not in any experiment of group', 'is not in experiment \\S* of group', 'is in experiment \\S* of group', 'invalid variation ID', 'is in no variation of experiment',
  'is in variation \\S* of experiment', 'CMAB is not supported', 'There is no rollout', 'Invalid rollout ID', 'has no experiments', 'meets conditions for targeting rule',
  'bucketed into targeting rule', 'due to traffic allocation', 'does not meet conditions for targeting rule', 'is in rollout', 'is not in rollout',
];

test('scenarios reach every branch of a decision', async () => {
  const left = new Set(branches);
  for (let seed = 1; left.size > 0 && seed <= 300; seed++) {
    const reasons = (await play(official, makeScenario(seed))).map(({ seen }) => seen.reasons ?? '').join('\n');
    for (const branch of left) if (new RegExp(branch).test(reasons)) left.delete(branch);
  }
  assert.deepEqual([...left], []);
});

test('a wrong answer is found, and shown by one call', async () => {
  const faulty = {
    ...official,
    createInstance(/** @type {any} */ config) {
      const client = official.createInstance(config);
      const { getAllFeatureVariables } = client;
      client.getAllFeatureVariables = (flagKey, userId, ...rest) => (userId === 'Matt' ? null : getAllFeatureVariables.call(client, flagKey, userId, ...rest));
      return client;
    },
  };
  const { differences } = await compareSeeds(official, faulty, 1, 60);
  const worst = differences.find(({ area }) => area === 'variables');
  assert.ok(worst);
  const { scenario, difference } = await smallest(official, faulty, worst);
  assert.deepEqual(scenario.calls.map(({ method }) => method), ['getAllFeatureVariables']);
  assert.deepEqual([difference.official, difference.ours], ['{}', 'null']);
  assert.ok(JSON.stringify(scenario).length < 1000, JSON.stringify(scenario));
});
