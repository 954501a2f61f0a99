import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDatafile, official, ours } from './testkit.test.js';

const us = await ours;
const them = await official;
await us.ready;

test('listeners that come and go while others are told are told as officially', () => {
  const logs = [us, them].map((sdk) => {
    const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: makeDatafile() }) });
    const { notificationCenter: center } = client;
    const { DECISION } = sdk.NOTIFICATION_TYPES;
    /** @type {string[]} */
    const log = [];
    const listen = (/** @type {string} */ name, act = () => {}) => center.addNotificationListener(DECISION, () => {
      log.push(name);
      act();
    });
    const acts = [() => center.removeNotificationListener(gone), () => listen('late'), () => center.clearNotificationListeners(DECISION), () => center.clearAllNotificationListeners()];
    let gone = 0;
    for (const act of acts) {
      center.clearAllNotificationListeners();
      listen('first', act);
      gone = listen('second');
      client.getVariation('ab', 'u');
      client.getVariation('ab', 'u');
    }
    client.close();
    return log;
  });
  assert.deepEqual(logs[0], logs[1]);
});
