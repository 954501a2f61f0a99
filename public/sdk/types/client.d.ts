/** A client, its users, and what it decides for them. */

import type {
  CacheWithRemove, OpaqueConfigManager, OpaqueErrorNotifier, OpaqueEventProcessor, OpaqueLogger, OpaqueOdpManager, OpaqueVuidManager,
} from './managers.js';
import type { NotificationCenter } from './notifications.js';
import type { OptimizelyConfig } from './optimizely_config.js';

export type UserAttributeValue = string | number | boolean | null | undefined | ExperimentBucketMap;
export interface ExperimentBucketMap {
  [experimentId: string]: { variation_id: string };
}
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

export declare enum OptimizelyDecideOption {
  DISABLE_DECISION_EVENT = 'DISABLE_DECISION_EVENT',
  ENABLED_FLAGS_ONLY = 'ENABLED_FLAGS_ONLY',
  IGNORE_USER_PROFILE_SERVICE = 'IGNORE_USER_PROFILE_SERVICE',
  INCLUDE_REASONS = 'INCLUDE_REASONS',
  EXCLUDE_VARIABLES = 'EXCLUDE_VARIABLES',
  IGNORE_CMAB_CACHE = 'IGNORE_CMAB_CACHE',
  RESET_CMAB_CACHE = 'RESET_CMAB_CACHE',
  INVALIDATE_USER_CMAB_CACHE = 'INVALIDATE_USER_CMAB_CACHE',
}

/** A type only, as officially. */
export declare enum OptimizelySegmentOption {
  IGNORE_CACHE = 'IGNORE_CACHE',
  RESET_CACHE = 'RESET_CACHE',
}

export interface Config {
  projectConfigManager: OpaqueConfigManager;
  /** Without one nothing is sent. */
  eventProcessor?: OpaqueEventProcessor;
  /** Has no effect, as officially: validators are given to config managers. */
  jsonSchemaValidator?: { validate(jsonObject: unknown): boolean };
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
  /** Has no effect: bandits are skipped. */
  cmab?: {
    cacheSize?: number;
    cacheTtl?: number;
    cache?: CacheWithRemove<string>;
    predictionEndpointTemplate?: string;
  };
}

export interface UserProfile {
  user_id: string;
  experiment_bucket_map: ExperimentBucketMap;
}
export interface UserProfileService {
  lookup(userId: string): UserProfile;
  save(profile: UserProfile): void;
}
export interface UserProfileServiceAsync {
  lookup(userId: string): Promise<UserProfile>;
  save(profile: UserProfile): Promise<void>;
}

export type FeatureVariableValue = number | string | boolean | object | null;

export interface Client {
  notificationCenter: NotificationCenter;
  /** Resolves once engine and datafile are there. The timeout is in milliseconds, 30000 by default. Rejects with what to change. */
  onReady(options?: { timeout?: number }): Promise<unknown>;
  /** Sends what is waiting and stops. */
  close(): Promise<unknown>;
  /** Decides and sends an impression. null: not in the experiment, or any error. */
  activate(experimentKey: string, userId: string, attributes?: UserAttributes): string | null;
  /** Decides and sends nothing. */
  getVariation(experimentKey: string, userId: string, attributes?: UserAttributes): string | null;
  /** Not the official SDK's: getVariation for many users of the same attributes, many times faster. Decision listeners hear nothing of it. */
  getVariations(experimentKey: string, userIds: readonly string[], attributes?: UserAttributes): (string | null)[];
  /** Sends a conversion. */
  track(eventKey: string, userId: string, attributes?: UserAttributes, eventTags?: EventTags): void;
  /** Whether a flag is on; sends an impression. */
  isFeatureEnabled(featureKey: string, userId: string, attributes?: UserAttributes): boolean;
  /** The keys of the flags that are on; sends an impression for each flag. */
  getEnabledFeatures(userId: string, attributes?: UserAttributes): string[];
  /** The value of a flag's variable. null: no such variable, another type, or any error. Sends nothing. */
  getFeatureVariable(featureKey: string, variableKey: string, userId: string, attributes?: UserAttributes): FeatureVariableValue;
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
  setAttribute(key: string, value: unknown): void;
  isQualifiedFor(segment: string): boolean;
  fetchQualifiedSegments(options?: OptimizelySegmentOption[]): Promise<boolean>;
  trackEvent(eventName: string, eventTags?: EventTags): void;
  decide(key: string, options?: OptimizelyDecideOption[]): OptimizelyDecision;
  decideAsync(key: string, options?: OptimizelyDecideOption[]): Promise<OptimizelyDecision>;
  decideForKeys(keys: string[], options?: OptimizelyDecideOption[]): { [flagKey: string]: OptimizelyDecision };
  decideForKeysAsync(keys: string[], options?: OptimizelyDecideOption[]): Promise<Record<string, OptimizelyDecision>>;
  decideAll(options?: OptimizelyDecideOption[]): { [flagKey: string]: OptimizelyDecision };
  decideAllAsync(options?: OptimizelyDecideOption[]): Promise<Record<string, OptimizelyDecision>>;
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
