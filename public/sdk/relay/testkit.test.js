/** What the tests of a page with a relay have in common. It is named as a test so that it is not served with the site. */

import { Inbox, lend, ours } from '../testkit.test.js';
import { relayCode } from './late.js';

const us = await ours;
await us.ready;
await relayCode.with(() => {}); // or what a test sees would hang on whether another was before it

/**
 * @param {import('node:test').TestContext} t closes it
 * @param {Record<string, unknown>} options
 */
export function makeClient(t, options) {
  /** @type {Inbox<any>} */
  const states = new Inbox();
  const updates = new Inbox();
  /** @type {string[]} */
  const warnings = [];
  const client = us.createInstance({
    logger: us.createLogger({ level: us.WARN, logHandler: { log: (/** @type {number} */ _, /** @type {string} */ line) => warnings.push(line) } }),
    projectConfigManager: us.createRelayProjectConfigManager({ sdkKey: 'test', onState: (/** @type {any} */ state) => states.push(state), ...options }),
  });
  client.notificationCenter.addNotificationListener('OPTIMIZELY_CONFIG_UPDATE', () => updates.push('update'));
  t.after(() => client.close());
  return { client, states, updates, warnings };
}

/** Websockets on whose other end is the test. @param {import('node:test').TestContext} t */
export function lendLines(t) {
  /** @type {Inbox<any>} */
  const lines = new Inbox();
  lend(t, {
    WebSocket: class {
      readyState = 1;
      onmessage = (/** @type {{data: any}} */ _) => {};
      /** @type {string[]} */
      sent = [];
      constructor() {
        lines.push(this);
      }
      send(/** @type {string} */ text) {
        this.sent.push(JSON.parse(text).type);
      }
      say(/** @type {object} */ header, /** @type {string} */ payload = '') {
        const text = JSON.stringify(header);
        this.onmessage({ data: payload === '' ? text : new TextEncoder().encode(`${text}\n${payload}`).buffer });
      }
      close() {}
    },
  });
  return lines;
}
