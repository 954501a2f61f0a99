// An application for an edge worker, as the official SDK's documentation has it. It is compiled as it is, and once more with our
// package in the place of the one it imports.
import {
  createBatchEventProcessor, createEventDispatcher, createForwardingEventProcessor, createInstance, createOdpManager,
  createPollingProjectConfigManager, createStaticProjectConfigManager,
} from '@optimizely/optimizely-sdk/universal';
import type { RequestHandler, UniversalBatchEventProcessorOptions, UniversalConfig, UniversalOdpManagerOptions } from '@optimizely/optimizely-sdk/universal';

const requestHandler: RequestHandler = {
  makeRequest(url, headers, method, data) {
    const controller = new AbortController();
    const sent = Object.entries(headers).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
    const request = fetch(url, { headers: sent, method, body: data, signal: controller.signal });
    return {
      abort: () => controller.abort(),
      responsePromise: request.then(async (response) => ({ statusCode: response.status, body: await response.text(), headers: {} })),
    };
  },
};

const batch: UniversalBatchEventProcessorOptions = { eventDispatcher: createEventDispatcher(requestHandler), batchSize: 5 };
const odp: UniversalOdpManagerOptions = { requestHandler };

const config: UniversalConfig = {
  requestHandler,
  projectConfigManager: createPollingProjectConfigManager({ sdkKey: 'demo', requestHandler }),
  eventProcessor: createBatchEventProcessor(batch),
  odpManager: createOdpManager(odp),
};

export const decide = (visitor: string) => createInstance(config).createUserContext(visitor).decide('flag').variationKey;

export const serve = (datafile: string) =>
  createInstance({
    requestHandler,
    projectConfigManager: createStaticProjectConfigManager({ datafile }),
    eventProcessor: createForwardingEventProcessor(createEventDispatcher(requestHandler)),
  });
