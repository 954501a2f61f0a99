// Uses the official SDK as any application would; only the datafile's address and the event dispatcher's point at the
// relay. Prints one line of JSON when it has decided and tracked, and another after the next datafile has arrived.
//
//   node official.mjs RELAY_URL VISITORS
import {
  createBatchEventProcessor, createInstance, createPollingProjectConfigManager, NOTIFICATION_TYPES,
} from '@optimizely/optimizely-sdk';

const [relayUrl, visitors] = [process.argv[2], Number(process.argv[3])];
const statusCodes = [];

const client = createInstance({
  projectConfigManager: createPollingProjectConfigManager({
    sdkKey: 'demo',
    urlTemplate: `${relayUrl}/datafiles/%s.json`,
    autoUpdate: true,
    updateInterval: 200,
  }),
  eventProcessor: createBatchEventProcessor({
    flushInterval: 100,
    eventDispatcher: {
      async dispatchEvent({ params }) {
        const response = await fetch(`${relayUrl}/v1/events`, {
          method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params),
        });
        statusCodes.push(response.status);
        return { statusCode: response.status };
      },
    },
  }),
});

const decide = (method) => Array.from({ length: visitors }, (_, i) => client[method]('item-sort', `visitor-${i}`));

const updated = new Promise((resolve) => {
  let updates = 0;
  client.notificationCenter.addNotificationListener(NOTIFICATION_TYPES.OPTIMIZELY_CONFIG_UPDATE, () => {
    if (++updates === 2) resolve(undefined);
  });
});

await client.onReady({ timeout: 10_000 });
const first = decide('activate');
for (let i = 0; i < visitors; i += 2) client.track('item_purchase', `visitor-${i}`, {}, { revenue: 5400 });
console.log(JSON.stringify({ revision: client.getOptimizelyConfig().revision, variations: first }));

await updated;
const second = decide('getVariation');
const revision = client.getOptimizelyConfig().revision;
await client.close();
console.log(JSON.stringify({ revision, variations: second, statusCodes }));
