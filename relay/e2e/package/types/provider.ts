// Pages with the provider: with a relay, with a datafile of their own, and from a bundle that says where the engine is.
import { OpenFeature } from '@openfeature/web-sdk';
import { createBatchEventProcessor, createStaticProjectConfigManager } from 'sortition-sdk';
import { SortitionWebProvider, type SortitionWebProviderOptions } from 'sortition-sdk/openfeature';

const relay: SortitionWebProviderOptions = {
  relayUrl: 'https://relay.example', sdkKey: 'demo', apply: 'next-page', optOut: () => false, staleAfter: 60_000, readyTimeout: 5000,
};
const own: SortitionWebProviderOptions = {
  projectConfigManager: createStaticProjectConfigManager({ datafile: '{}' }), eventProcessor: createBatchEventProcessor(), wasm: '/engine.wasm', integrity: 'sha384-x',
};

export async function start(): Promise<boolean> {
  await OpenFeature.setProviderAndWait(new SortitionWebProvider(relay), { targetingKey: 'Matt' });
  await OpenFeature.setProviderAndWait('own', new SortitionWebProvider(own));
  // @ts-expect-error: neither a relay's project nor a config manager
  OpenFeature.setProvider(new SortitionWebProvider({ relayUrl: 'https://relay.example' }));
  return OpenFeature.getClient().getBooleanValue('flag', false);
}
