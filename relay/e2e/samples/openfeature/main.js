import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { SortitionWebProvider } from 'sortition-sdk/openfeature';

const relayUrl = 'https://relay.example', sdkKey = 'demo';

const client = OpenFeature.getClient();
const show = () => {
  document.querySelector('output').textContent = client.getStringValue('item-sort', 'our own order');
};
client.addHandler(ProviderEvents.ConfigurationChanged, show);
client.addHandler(ProviderEvents.Error, ({ message }) => {
  document.querySelector('[role=alert]').textContent = message;
});

await OpenFeature.setContext({ targetingKey: 'Matt' });
await OpenFeature.setProviderAndWait(new SortitionWebProvider({ relayUrl, sdkKey })).catch(() => {}); // the handler tells
show();
client.track('item_purchase', { revenue: 5400 });
