import type {
  BatchEventProcessorOptions, Client, Config, EventDispatcher, OdpManagerOptions, OpaqueConfigManager, OpaqueEventProcessor,
  OpaqueOdpManager, PollingConfigManagerConfig,
} from './common_exports.js';

export * from './slim.js';

interface Headers {
  [header: string]: string | undefined;
}
interface Response {
  statusCode: number;
  body: string;
  headers: Headers;
}
/** An application's own way to make requests. */
export interface RequestHandler {
  makeRequest(
    requestUrl: string, headers: Headers, method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | 'PATCH', data?: string,
  ): { abort(): void; responsePromise: Promise<Response> };
}

/** The handler has no effect here, as what it is for is not asked: bandits and ODP. */
export type UniversalConfig = Config & { requestHandler: RequestHandler };
export type UniversalPollingConfigManagerConfig = PollingConfigManagerConfig & { requestHandler: RequestHandler };
export type UniversalBatchEventProcessorOptions = Omit<BatchEventProcessorOptions, 'eventDispatcher'> & { eventDispatcher: EventDispatcher };
export type UniversalOdpManagerOptions = OdpManagerOptions & { requestHandler: RequestHandler };

/** Returns at once; throws `Invalid config manager`. Clients may be created before init is called. */
export declare function createInstance(config: UniversalConfig): Client;

/** Throws `Invalid request handler`. */
export declare function createPollingProjectConfigManager(config: UniversalPollingConfigManagerConfig): OpaqueConfigManager;

/** Sends by POST, by the handler. Throws `Invalid request handler`. */
export declare function createEventDispatcher(requestHandler: RequestHandler): EventDispatcher;

/** One request for each event, at once and once only. Throws `Invalid event dispatcher`. */
export declare function createForwardingEventProcessor(eventDispatcher: EventDispatcher): OpaqueEventProcessor;

/** Several events in one request, with retries. Throws `Invalid event dispatcher`. */
export declare function createBatchEventProcessor(options: UniversalBatchEventProcessorOptions): OpaqueEventProcessor;

/** Accepted and inert. */
export declare function createOdpManager(options: UniversalOdpManagerOptions): OpaqueOdpManager;
