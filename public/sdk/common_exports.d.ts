/** Types of Sortition's SDK: those of @optimizely/optimizely-sdk 6.6.1, name by name, and the relay's. */

import type {
  BatchEventProcessorOptions, ErrorHandler, EventDispatcher, LoggerConfig, OdpManagerOptions, OpaqueConfigManager, OpaqueErrorNotifier,
  OpaqueEventProcessor, OpaqueLevelPreset, OpaqueLogger, OpaqueOdpManager, OpaqueVuidManager, Platform, PollingConfigManagerConfig,
  StaticConfigManagerConfig, VuidManagerOptions,
} from './types/managers.js';
import type { RelayConfigManagerConfig, RelayEventProcessorOptions } from './types/relay.js';

export type {
  Client, Config, EventTags, FeatureVariableValue, OptimizelyDecision, OptimizelyDecisionContext, OptimizelyForcedDecision,
  OptimizelySegmentOption, OptimizelyUserContext, UserAttributes, UserAttributeValue, UserProfile, UserProfileService,
  UserProfileServiceAsync,
} from './types/client.js';
export type {
  AsyncCache, AsyncCacheWithRemove, AsyncStore, BatchEventProcessorOptions, Cache, CacheWithRemove, DatafileOptions, ErrorHandler,
  EventDispatcher, EventDispatcherResponse, JsonSchemaValidator, LoggerConfig, LogHandler, OdpManagerOptions, OpaqueConfigManager,
  OpaqueErrorNotifier, OpaqueEventProcessor, OpaqueLevelPreset, OpaqueLogger, OpaqueOdpManager, OpaqueVuidManager,
  PollingConfigManagerConfig, StaticConfigManagerConfig, Store, SyncCache, SyncCacheWithRemove, SyncStore, UserAgentParser,
  VuidManagerOptions,
} from './types/managers.js';
export type {
  ActivateListenerPayload, ActivateNotificationPayload, DecisionNotificationPayload, Event, ListenerPayload, LogEvent,
  LogEventNotificationPayload, NotificationCenter, NotificationPayload, NotificationType, OptimizelyConfigUpdateNotificationPayload,
  TrackListenerPayload, TrackNotificationPayload,
} from './types/notifications.js';
export type {
  OptimizelyAttribute, OptimizelyAudience, OptimizelyConfig, OptimizelyEvent, OptimizelyExperiment, OptimizelyFeature,
  OptimizelyVariable, OptimizelyVariation,
} from './types/optimizely_config.js';
export type {
  EventQueueState, EventState, RelayConfigManagerConfig, RelayEventProcessorOptions, RelayState,
} from './types/relay.js';

export { OptimizelyDecideOption } from './types/client.js';
export { LogLevel } from './types/managers.js';
export { DECISION_NOTIFICATION_TYPES, DECISION_SOURCES, NOTIFICATION_TYPES } from './types/notifications.js';

/** For a datafile the application has already. Once `ready` has resolved, its clients decide right after createInstance. */
export declare function createStaticProjectConfigManager(config: StaticConfigManagerConfig): OpaqueConfigManager;

/** Fetches a datafile, and again from time to time where it is to follow changes. */
export declare function createPollingProjectConfigManager(config: PollingConfigManagerConfig): OpaqueConfigManager;

/** Follows a project through Sortition's relay: each new datafile comes as soon as the relay has it. */
export declare function createRelayProjectConfigManager(config: RelayConfigManagerConfig): OpaqueConfigManager;

/** Sends by POST. */
export declare const eventDispatcher: EventDispatcher;

/** Leaves requests with the browser; undefined where there are no beacons. */
export declare function getSendBeaconEventDispatcher(): EventDispatcher | undefined;

/** One request for each event, at once and once only. Throws `Invalid event dispatcher`. */
export declare function createForwardingEventProcessor(eventDispatcher?: EventDispatcher): OpaqueEventProcessor;

/** Several events in one request, with retries. */
export declare function createBatchEventProcessor(options?: BatchEventProcessorOptions): OpaqueEventProcessor;

/** Takes events to Sortition's relay, and keeps each until the relay has it on disk. */
export declare function createRelayEventProcessor(options?: RelayEventProcessorOptions): OpaqueEventProcessor;

export declare const DEBUG: OpaqueLevelPreset;
export declare const INFO: OpaqueLevelPreset;
export declare const WARN: OpaqueLevelPreset;
export declare const ERROR: OpaqueLevelPreset;

/** Without a handler lines go to the console. */
export declare function createLogger(config: LoggerConfig): OpaqueLogger;

export declare function createErrorNotifier(errorHandler: ErrorHandler): OpaqueErrorNotifier;

/** Accepted and inert: every project is taken for one without ODP. */
export declare function createOdpManager(options?: OdpManagerOptions): OpaqueOdpManager;

/** Accepted and inert. */
export declare function createVuidManager(options?: VuidManagerOptions): OpaqueVuidManager;

/** What events call this client: javascript-sdk in a page, node-sdk elsewhere. */
export declare const clientEngine: string;
export declare const __platforms: Platform[];
