/** Types of Sortition's SDK: those of @optimizely/optimizely-sdk 6.6.1 for what is here, and the relay's. */

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

/** Resolves once the engine is loaded; rejects with the reason when it cannot be. */
export declare const ready: Promise<void>;

export type UserAttributeValue = string | number | boolean | null | undefined | ExperimentBucketMap;
export type ExperimentBucketMap = { [experimentId: string]: { variation_id: string } };
export type UserAttributes = {
  $opt_bucketing_id?: string;
  $opt_experiment_bucket_map?: ExperimentBucketMap;
  [name: string]: UserAttributeValue;
};

/** `revenue` is in cents; `revenue` and `value` count as numbers, other tags are passed on. */
export type EventTags = {
  revenue?: string | number | null;
  value?: string | number | null;
  $opt_event_properties?: Record<string, unknown>;
  [key: string]: unknown;
};

export interface Config {
  projectConfigManager: OpaqueConfigManager;
  /** Without one nothing is sent. */
  eventProcessor?: OpaqueEventProcessor;
  /** Without one nothing is logged. */
  logger?: OpaqueLogger;
  errorNotifier?: OpaqueErrorNotifier;
  /** Remembers which variation a user had. */
  userProfileService?: UserProfileService;
  /** The same for the async decisions; used where there is no userProfileService. */
  userProfileServiceAsync?: UserProfileServiceAsync;
  defaultDecideOptions?: OptimizelyDecideOption[];
  odpManager?: OpaqueOdpManager;
  vuidManager?: OpaqueVuidManager;
  clientEngine?: string;
  clientVersion?: string;
  /** The client will not live long: nothing is held back, and retries are few. */
  disposable?: boolean;
}

export type UserProfile = { user_id: string; experiment_bucket_map: ExperimentBucketMap };
export interface UserProfileService {
  lookup(userId: string): UserProfile;
  save(profile: UserProfile): void;
}
export interface UserProfileServiceAsync {
  lookup(userId: string): Promise<UserProfile>;
  save(profile: UserProfile): Promise<void>;
}

/** Returns at once; throws `Invalid config manager`. */
export declare function createInstance(config: Config): Client;

export interface Client {
  notificationCenter: NotificationCenter;
  /** Resolves once engine and datafile are there. The timeout is in milliseconds, 30000 by default. */
  onReady(options?: { timeout?: number }): Promise<unknown>;
  /** Sends what is waiting and stops. */
  close(): Promise<unknown>;
  /** Decides and sends an impression. null: not in the experiment, or any error. */
  activate(experimentKey: string, userId: string, attributes?: UserAttributes): string | null;
  /** Decides and sends nothing. */
  getVariation(experimentKey: string, userId: string, attributes?: UserAttributes): string | null;
  /** Sends a conversion. */
  track(eventKey: string, userId: string, attributes?: UserAttributes, eventTags?: EventTags): void;
  /** Whether a flag is on; sends an impression. */
  isFeatureEnabled(featureKey: string, userId: string, attributes?: UserAttributes): boolean;
  /** The keys of the flags that are on; sends an impression for each flag. */
  getEnabledFeatures(userId: string, attributes?: UserAttributes): string[];
  /** The value of a flag's variable. null: no such variable, another type, or any error. Sends nothing. */
  getFeatureVariable(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): unknown;
  getFeatureVariableBoolean(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): boolean | null;
  getFeatureVariableDouble(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): number | null;
  getFeatureVariableInteger(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): number | null;
  getFeatureVariableString(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): string | null;
  getFeatureVariableJSON(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): unknown;
  getAllFeatureVariables(featureKey: string, userId: string, attributes?: UserAttributes): { [variableKey: string]: unknown } | null;
  /** Makes a user's decisions of an experiment come to a variation; null ends that. */
  setForcedVariation(experimentKey: string, userId: string, variationKey: string | null): boolean;
  getForcedVariation(experimentKey: string, userId: string): string | null;
  /** The datafile for people and programs to read; null while there is none. */
  getOptimizelyConfig(): OptimizelyConfig | null;
  /** Throws `Invalid identifier` or `Invalid attributes`. */
  createUserContext(userId?: string, attributes?: UserAttributes): OptimizelyUserContext;
  getVuid(): string | undefined;
  isOdpIntegrated(): boolean;
  sendOdpEvent(action: string, type?: string, identifiers?: Map<string, string>, data?: Map<string, unknown>): void;
}

export interface OptimizelyUserContext {
  qualifiedSegments: string[] | null;
  getUserId(): string;
  getAttributes(): UserAttributes;
  setAttribute(key: string, value: UserAttributeValue): void;
  isQualifiedFor(segment: string): boolean;
  fetchQualifiedSegments(options?: string[]): Promise<boolean>;
  trackEvent(eventKey: string, eventTags?: EventTags): void;
  decide(key: string, options?: OptimizelyDecideOption[]): OptimizelyDecision;
  decideAsync(key: string, options?: OptimizelyDecideOption[]): Promise<OptimizelyDecision>;
  decideForKeys(keys: string[], options?: OptimizelyDecideOption[]): { [flagKey: string]: OptimizelyDecision };
  decideForKeysAsync(keys: string[], options?: OptimizelyDecideOption[]): Promise<{ [flagKey: string]: OptimizelyDecision }>;
  decideAll(options?: OptimizelyDecideOption[]): { [flagKey: string]: OptimizelyDecision };
  decideAllAsync(options?: OptimizelyDecideOption[]): Promise<{ [flagKey: string]: OptimizelyDecision }>;
  /** Decides a flag, or one rule of it, for this user whatever the datafile says. */
  setForcedDecision(context: OptimizelyDecisionContext, decision: OptimizelyForcedDecision): boolean;
  getForcedDecision(context: OptimizelyDecisionContext): OptimizelyForcedDecision | null;
  removeForcedDecision(context: OptimizelyDecisionContext): boolean;
  removeAllForcedDecisions(): boolean;
}

export interface OptimizelyDecisionContext {
  flagKey: string;
  ruleKey?: string;
}
export interface OptimizelyForcedDecision {
  variationKey: string;
}

export interface OptimizelyDecision {
  /** null: in no variation, or any error. */
  variationKey: string | null;
  enabled: boolean;
  /** Values by key, in an object of the caller's own. */
  variables: { [variableKey: string]: unknown };
  ruleKey: string | null;
  flagKey: string;
  userContext: OptimizelyUserContext;
  /** Filled for INCLUDE_REASONS, and on errors. */
  reasons: string[];
}

export interface OptimizelyConfig {
  environmentKey: string;
  sdkKey: string;
  revision: string;
  /** By key, without delivery rules. */
  experimentsMap: { [experimentKey: string]: OptimizelyExperiment };
  featuresMap: { [featureKey: string]: OptimizelyFeature };
  attributes: OptimizelyAttribute[];
  audiences: OptimizelyAudience[];
  events: OptimizelyEvent[];
  getDatafile(): string;
}
export interface OptimizelyExperiment {
  id: string;
  key: string;
  /** The audience conditions in words. */
  audiences: string;
  variationsMap: { [variationKey: string]: OptimizelyVariation };
}
export interface OptimizelyVariation {
  id: string;
  key: string;
  featureEnabled?: boolean;
  variablesMap: { [variableKey: string]: OptimizelyVariable };
}
export interface OptimizelyVariable {
  id: string;
  key: string;
  type: string;
  value: string;
}
export interface OptimizelyFeature {
  id: string;
  key: string;
  experimentRules: OptimizelyExperiment[];
  deliveryRules: OptimizelyExperiment[];
  variablesMap: { [variableKey: string]: OptimizelyVariable };
  /** @deprecated use experimentRules and deliveryRules */
  experimentsMap: { [experimentKey: string]: OptimizelyExperiment };
}
export interface OptimizelyAttribute {
  id: string;
  key: string;
}
export interface OptimizelyAudience {
  id: string;
  name: string;
  conditions: string;
}
export interface OptimizelyEvent {
  id: string;
  key: string;
  experimentsIds: string[];
}

export declare const NOTIFICATION_TYPES: {
  readonly ACTIVATE: 'ACTIVATE';
  readonly DECISION: 'DECISION';
  readonly LOG_EVENT: 'LOG_EVENT';
  readonly OPTIMIZELY_CONFIG_UPDATE: 'OPTIMIZELY_CONFIG_UPDATE';
  readonly TRACK: 'TRACK';
};
export type NotificationType = keyof typeof NOTIFICATION_TYPES;

export declare const DECISION_NOTIFICATION_TYPES: {
  readonly AB_TEST: 'ab-test';
  readonly FEATURE: 'feature';
  readonly FEATURE_TEST: 'feature-test';
  readonly FEATURE_VARIABLE: 'feature-variable';
  readonly ALL_FEATURE_VARIABLES: 'all-feature-variables';
  readonly FLAG: 'flag';
};
export type DecisionNotificationType = (typeof DECISION_NOTIFICATION_TYPES)[keyof typeof DECISION_NOTIFICATION_TYPES];

/** Experiment, holdout and variation are the datafile's own objects. */
export type ActivateNotificationPayload = {
  userId: string;
  attributes?: UserAttributes;
  experiment: Record<string, any> | null;
  holdout: Record<string, any> | null;
  variation: Record<string, any> | null;
  logEvent: LogEvent;
};
export type DecisionNotificationPayload = {
  type: DecisionNotificationType;
  userId: string;
  attributes?: UserAttributes;
  decisionInfo: Record<string, any>;
};
export type TrackNotificationPayload = {
  eventKey: string;
  userId: string;
  attributes?: UserAttributes;
  eventTags?: EventTags;
  logEvent: LogEvent;
};
export type NotificationPayload = {
  ACTIVATE: ActivateNotificationPayload;
  DECISION: DecisionNotificationPayload;
  LOG_EVENT: LogEvent;
  OPTIMIZELY_CONFIG_UPDATE: undefined;
  TRACK: TrackNotificationPayload;
};

export interface NotificationCenter {
  /** An id to remove the listener by; -1 when there is no such type. */
  addNotificationListener<T extends NotificationType>(type: T, listener: (payload: NotificationPayload[T]) => void): number;
  /** Whether there was such a listener. */
  removeNotificationListener(id: number): boolean;
  clearNotificationListeners(type: NotificationType): void;
  clearAllNotificationListeners(): void;
}

/** Throws on what is invalid; what it returns does not matter. */
export type JsonSchemaValidator = (datafile: unknown) => boolean;

export type StaticConfigManagerConfig = { datafile: string; jsonSchemaValidator?: JsonSchemaValidator };

/** For a datafile the application has already. Once `ready` has resolved, its clients decide right after createInstance. */
export declare function createStaticProjectConfigManager(config: StaticConfigManagerConfig): OpaqueConfigManager;

export type Store = SyncStore | AsyncStore;
export interface SyncStore {
  operation: 'sync';
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
  remove(key: string): unknown;
  getKeys(): string[];
}
export interface AsyncStore {
  operation: 'async';
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<unknown>;
  remove(key: string): Promise<unknown>;
  getKeys(): Promise<string[]>;
}

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
  cache?: Store;
};

export declare function createPollingProjectConfigManager(config: PollingConfigManagerConfig): OpaqueConfigManager;

export type RelayState = {
  status: 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline';
  /** Of the datafile that decides; null while there is none. */
  revision: string | null;
  /** xxHash64 of the datafile that decides, 16 hex digits. */
  hash: string | null;
  /** Until the next attempt to connect. */
  retryInMs?: number;
  /** Of the datafile that will decide on the next page, when it is another (`apply: 'next-page'`). */
  nextRevision?: string;
  /** What is wrong, in one sentence. */
  error?: string;
  /** With whom: the relay or the way to it, the sdkKey or token, or the newest datafile. */
  fault?: 'relay' | 'key' | 'datafile';
};

export type RelayConfigManagerConfig = {
  sdkKey: string;
  /** Default: the page's own origin. */
  relayUrl?: string;
  /** Of a project that is not open to everyone. */
  token?: string;
  /**
   * When a datafile decides that comes while another does. `immediate`, the default: at once. `next-page`: on the next page, so that
   * nobody sees a variation change under their eyes; only rules, variations and flags that were switched off are so at once.
   */
  apply?: 'immediate' | 'next-page';
  /** Told of every change. */
  onState?: (state: RelayState) => void;
  /** Told of each datafile, as text, once it decides. */
  onDatafile?: (datafile: string) => void;
};

/** Follows a project through Sortition's relay: each new datafile comes as soon as the relay has it. */
export declare function createRelayProjectConfigManager(config: RelayConfigManagerConfig): OpaqueConfigManager;

export interface LogEvent {
  url: string;
  httpVerb: 'POST';
  params: Record<string, any>;
}

export interface EventDispatcher {
  /** No status code counts as success, as do 200 to 399. */
  dispatchEvent(event: LogEvent): Promise<{ statusCode?: number }>;
}

/** Sends by POST. */
export declare const eventDispatcher: EventDispatcher;

/** Leaves requests with the browser; undefined where there are no beacons. */
export declare function getSendBeaconEventDispatcher(): EventDispatcher | undefined;

/** One request for each event, at once and once only. Throws `Invalid event dispatcher`. */
export declare function createForwardingEventProcessor(eventDispatcher?: EventDispatcher): OpaqueEventProcessor;

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
  /** Keeps events until they were sent, for the next visit too; default: localStorage in a page, none elsewhere and for null. */
  eventStore?: Store | null;
  /** Milliseconds that events are kept; default ten days. */
  storeTtl?: number;
};

/** Several events in one request, with retries. */
export declare function createBatchEventProcessor(options?: BatchEventProcessorOptions): OpaqueEventProcessor;

export type EventState = {
  uuid: string;
  kind: 'impression' | 'conversion';
  /** It waits, is on its way, is on the relay's disk, was there before, or never will be. */
  status: 'queued' | 'sent' | 'safe' | 'duplicate' | 'refused';
  /** Why it waits again, or was refused. */
  error?: string;
};

export type EventQueueState = {
  /** Events, those that other pages of this origin left among them. */
  waiting: number;
  /** Events that were dropped since this page began: the queue was full, or they were older than 72 hours. */
  dropped: number;
  /** When the next attempt is, after a failed one: milliseconds since 1970. */
  retryAt?: number;
};

export type RelayEventProcessorOptions = {
  /** Default: the page's own origin. */
  relayUrl?: string;
  /** Counts the events for this project; default: the relay finds the project by its ids. */
  sdkKey?: string;
  /** Told of each step of each event of this page. */
  onEvent?: (state: EventState) => void;
  /** Told whenever one of its numbers changes. */
  onQueue?: (state: EventQueueState) => void;
  /** Whether the visitor wants no events sent; asked at each event. Global Privacy Control is obeyed without it. */
  optOut?: () => boolean;
};

/** Takes events to Sortition's relay, and keeps each until the relay has it on disk. */
export declare function createRelayEventProcessor(options?: RelayEventProcessorOptions): OpaqueEventProcessor;

export declare const LogLevel: { readonly Debug: 0; readonly Info: 1; readonly Warn: 2; readonly Error: 3 };
export declare const DEBUG: OpaqueLevelPreset;
export declare const INFO: OpaqueLevelPreset;
export declare const WARN: OpaqueLevelPreset;
export declare const ERROR: OpaqueLevelPreset;

export interface LogHandler {
  log(level: number, message: string): void;
}
export type LoggerConfig = { level: OpaqueLevelPreset; logHandler?: LogHandler };

/** Without a handler lines go to the console. */
export declare function createLogger(config: LoggerConfig): OpaqueLogger;

export interface ErrorHandler {
  handleError(error: Error): void;
}
export declare function createErrorNotifier(errorHandler: ErrorHandler): OpaqueErrorNotifier;

/** Accepted and inert: every project is taken for one without ODP. */
export declare function createOdpManager(options?: Record<string, unknown>): OpaqueOdpManager;

/** Accepted and inert. */
export declare function createVuidManager(options?: Record<string, unknown>): OpaqueVuidManager;

export declare const OptimizelyDecideOption: {
  readonly DISABLE_DECISION_EVENT: 'DISABLE_DECISION_EVENT';
  readonly ENABLED_FLAGS_ONLY: 'ENABLED_FLAGS_ONLY';
  readonly IGNORE_USER_PROFILE_SERVICE: 'IGNORE_USER_PROFILE_SERVICE';
  readonly INCLUDE_REASONS: 'INCLUDE_REASONS';
  readonly EXCLUDE_VARIABLES: 'EXCLUDE_VARIABLES';
  readonly IGNORE_CMAB_CACHE: 'IGNORE_CMAB_CACHE';
  readonly RESET_CMAB_CACHE: 'RESET_CMAB_CACHE';
  readonly INVALIDATE_USER_CMAB_CACHE: 'INVALIDATE_USER_CMAB_CACHE';
};

export declare const DECISION_SOURCES: {
  readonly FEATURE_TEST: 'feature-test';
  readonly ROLLOUT: 'rollout';
  readonly EXPERIMENT: 'experiment';
  readonly HOLDOUT: 'holdout';
};

/** What events call this client. */
export declare const clientEngine: 'javascript-sdk' | 'node-sdk';
export declare const __platforms: readonly ['browser', 'node'];
