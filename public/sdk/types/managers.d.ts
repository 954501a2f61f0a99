/** The parts that a client is put together from, as the official SDK has them. */

import type { LogEvent } from './notifications.js';

// Factories return opaque values: only createInstance can use them.
declare const opaque: unique symbol;
type Opaque<Name extends string> = { readonly [opaque]: Name };
export type OpaqueConfigManager = Opaque<'config manager'>;
export type OpaqueEventProcessor = Opaque<'event processor'>;
export type OpaqueLogger = Opaque<'logger'>;
export type OpaqueLevelPreset = Opaque<'level preset'>;
export type OpaqueErrorNotifier = Opaque<'error notifier'>;
export type OpaqueOdpManager = Opaque<'odp manager'>;
export type OpaqueVuidManager = Opaque<'vuid manager'>;

/** Throws on what is invalid; what it returns does not matter. */
export type JsonSchemaValidator = (datafile: unknown) => boolean;

export type StaticConfigManagerConfig = { datafile: string; jsonSchemaValidator?: JsonSchemaValidator };

export type PollingConfigManagerConfig = {
  sdkKey: string;
  /** Decides until the first one is fetched. */
  datafile?: string;
  jsonSchemaValidator?: JsonSchemaValidator;
  /** Default: false in a page, true elsewhere. */
  autoUpdate?: boolean;
  /** Milliseconds; default five minutes. */
  updateInterval?: number;
  /** With `%s` for the sdkKey; default Optimizely's CDN. */
  urlTemplate?: string;
  datafileAccessToken?: string;
  customHeaders?: Record<string, string>;
  /** Keeps the last datafile for the next start. */
  cache?: Store<string>;
};

/** What version 5 took; version 6 has the type still. */
export interface DatafileOptions {
  autoUpdate?: boolean;
  updateInterval?: number;
  urlTemplate?: string;
  datafileAccessToken?: string;
}

type Operation = 'sync' | 'async';
type Answer<Op extends Operation, Value> = Op extends 'sync' ? Value : Promise<Value>;

interface OpStore<Op extends Operation, Value> {
  operation: Op;
  set(key: string, value: Value): Answer<Op, unknown>;
  get(key: string): Answer<Op, Value | undefined>;
  remove(key: string): Answer<Op, unknown>;
  getKeys(): Answer<Op, string[]>;
}
export type SyncStore<Value> = OpStore<'sync', Value>;
export type AsyncStore<Value> = OpStore<'async', Value>;
export type Store<Value> = SyncStore<Value> | AsyncStore<Value>;

interface OpCache<Op extends Operation, Value> {
  operation: Op;
  save(key: string, value: Value): Answer<Op, unknown>;
  lookup(key: string): Answer<Op, Value | undefined>;
  reset(): Answer<Op, unknown>;
}
interface OpCacheWithRemove<Op extends Operation, Value> extends OpCache<Op, Value> {
  remove(key: string): Answer<Op, unknown>;
}
export type SyncCache<Value> = OpCache<'sync', Value>;
export type AsyncCache<Value> = OpCache<'async', Value>;
export type Cache<Value> = SyncCache<Value> | AsyncCache<Value>;
export type SyncCacheWithRemove<Value> = OpCacheWithRemove<'sync', Value>;
export type AsyncCacheWithRemove<Value> = OpCacheWithRemove<'async', Value>;
export type CacheWithRemove<Value> = SyncCacheWithRemove<Value> | AsyncCacheWithRemove<Value>;

export type EventDispatcherResponse = { statusCode?: number };
export interface EventDispatcher {
  /** No status code counts as success, as do 200 to 399. */
  dispatchEvent(event: LogEvent): Promise<EventDispatcherResponse>;
}

export type BatchEventProcessorOptions = {
  eventDispatcher?: EventDispatcher;
  /** For the last batch; default: beacons in a page that uses the default dispatcher. */
  closingEventDispatcher?: EventDispatcher;
  /** Milliseconds; default 1000 in a page, 30000 elsewhere. */
  flushInterval?: number;
  /** Default 10. */
  batchSize?: number;
  /** Default 2. */
  maxRetries?: number;
  /** Keeps events until they were sent, for the next visit too; default: localStorage in a page, none elsewhere. */
  eventStore?: Store<string>;
  /** Milliseconds that events are kept; default ten days. */
  storeTtl?: number;
};

export declare enum LogLevel {
  Debug = 0,
  Info = 1,
  Warn = 2,
  Error = 3,
}
export interface LogHandler {
  log(level: LogLevel, message: string, ...args: any[]): void;
}
export type LoggerConfig = { level: OpaqueLevelPreset; logHandler?: LogHandler };

export interface ErrorHandler {
  handleError(exception: Error): void;
}

export interface UserAgentParser {
  parseUserAgentInfo(): { os: { name?: string; version?: string }; device: { type?: string; model?: string } };
}
export type OdpManagerOptions = {
  segmentsCache?: Cache<string[]>;
  segmentsCacheSize?: number;
  segmentsCacheTimeout?: number;
  segmentsApiTimeout?: number;
  eventFlushInterval?: number;
  eventBatchSize?: number;
  eventApiTimeout?: number;
  userAgentParser?: UserAgentParser;
};
export type VuidManagerOptions = { vuidCache?: Store<string>; enableVuid?: boolean };

export type Platform = 'browser' | 'node' | 'react_native' | '__universal__';
