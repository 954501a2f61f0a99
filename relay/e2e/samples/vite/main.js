import { createInstance, createRelayEventProcessor, createRelayProjectConfigManager } from 'sortition-sdk';

const relayUrl = 'https://relay.example', sdkKey = 'demo';

const client = createInstance({
  projectConfigManager: createRelayProjectConfigManager({ relayUrl, sdkKey }),
  eventProcessor: createRelayEventProcessor({ relayUrl, sdkKey }),
});

try {
  await client.onReady();
} catch (error) {
  document.querySelector('[role=alert]').textContent = error.message; // and the calls below give their defaults
}
document.querySelector('output').textContent = client.activate('item-sort', 'Matt') ?? 'our own order';
client.track('item_purchase', 'Matt', {}, { revenue: 5400 });

import.meta.hot?.accept(); // while developing: the module that takes over makes a client of its own
import.meta.hot?.dispose(() => client.close());
