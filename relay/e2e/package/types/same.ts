// Every public type of the official SDK takes what ours of that name takes, and the other way round. Opaque values, which only
// their own SDK can make, are left out of the comparison. The last lines say which values one side has alone, and that the opaque types are there.
import type * as official from '@optimizely/optimizely-sdk';
import type * as ours from 'sortition-sdk';
import * as officialValues from '@optimizely/optimizely-sdk';
import * as oursValues from 'sortition-sdk';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : { ours: B }) : { official: A };
/** What our clients do besides. */
type OfOurs = 'getVariations';
type OfClient = 'projectConfigManager' | 'eventProcessor' | 'logger' | 'errorNotifier' | 'odpManager' | 'vuidManager';

type Compared = {
  ActivateListenerPayload: Same<official.ActivateListenerPayload, ours.ActivateListenerPayload>;
  ActivateNotificationPayload: Same<official.ActivateNotificationPayload, ours.ActivateNotificationPayload>;
  AsyncCache: Same<official.AsyncCache<string>, ours.AsyncCache<string>>;
  AsyncCacheWithRemove: Same<official.AsyncCacheWithRemove<string>, ours.AsyncCacheWithRemove<string>>;
  AsyncStore: Same<official.AsyncStore<string>, ours.AsyncStore<string>>;
  BatchEventProcessorOptions: Same<official.BatchEventProcessorOptions, ours.BatchEventProcessorOptions>;
  Cache: Same<official.Cache<string>, ours.Cache<string>>;
  CacheWithRemove: Same<official.CacheWithRemove<string>, ours.CacheWithRemove<string>>;
  Client: Same<official.Client, Omit<ours.Client, OfOurs>>;
  Config: Same<Omit<official.Config, OfClient>, Omit<ours.Config, OfClient>>;
  DatafileOptions: Same<official.DatafileOptions, ours.DatafileOptions>;
  DecisionNotificationPayload: Same<official.DecisionNotificationPayload, ours.DecisionNotificationPayload>;
  ErrorHandler: Same<official.ErrorHandler, ours.ErrorHandler>;
  Event: Same<official.Event, ours.Event>;
  EventDispatcher: Same<official.EventDispatcher, ours.EventDispatcher>;
  EventDispatcherResponse: Same<official.EventDispatcherResponse, ours.EventDispatcherResponse>;
  EventTags: Same<official.EventTags, ours.EventTags>;
  FeatureVariableValue: Same<official.FeatureVariableValue, ours.FeatureVariableValue>;
  ListenerPayload: Same<official.ListenerPayload, ours.ListenerPayload>;
  LogEvent: Same<official.LogEvent, ours.LogEvent>;
  LogEventNotificationPayload: Same<official.LogEventNotificationPayload, ours.LogEventNotificationPayload>;
  LogHandler: Same<official.LogHandler, ours.LogHandler>;
  LoggerConfig: Same<Omit<official.LoggerConfig, 'level'>, Omit<ours.LoggerConfig, 'level'>>;
  NotificationCenter: Same<official.NotificationCenter, ours.NotificationCenter>;
  NotificationPayload: Same<official.NotificationPayload, ours.NotificationPayload>;
  NotificationType: Same<official.NotificationType, ours.NotificationType>;
  OdpManagerOptions: Same<official.OdpManagerOptions, ours.OdpManagerOptions>;
  OptimizelyConfig: Same<official.OptimizelyConfig, ours.OptimizelyConfig>;
  OptimizelyConfigUpdateNotificationPayload: Same<official.OptimizelyConfigUpdateNotificationPayload, ours.OptimizelyConfigUpdateNotificationPayload>;
  OptimizelyDecision: Same<official.OptimizelyDecision, ours.OptimizelyDecision>;
  OptimizelyDecisionContext: Same<official.OptimizelyDecisionContext, ours.OptimizelyDecisionContext>;
  OptimizelyExperiment: Same<official.OptimizelyExperiment, ours.OptimizelyExperiment>;
  OptimizelyFeature: Same<official.OptimizelyFeature, ours.OptimizelyFeature>;
  OptimizelyForcedDecision: Same<official.OptimizelyForcedDecision, ours.OptimizelyForcedDecision>;
  OptimizelySegmentOption: Same<official.OptimizelySegmentOption, ours.OptimizelySegmentOption>;
  OptimizelyUserContext: Same<official.OptimizelyUserContext, ours.OptimizelyUserContext>;
  OptimizelyVariable: Same<official.OptimizelyVariable, ours.OptimizelyVariable>;
  OptimizelyVariation: Same<official.OptimizelyVariation, ours.OptimizelyVariation>;
  PollingConfigManagerConfig: Same<official.PollingConfigManagerConfig, ours.PollingConfigManagerConfig>;
  StaticConfigManagerConfig: Same<official.StaticConfigManagerConfig, ours.StaticConfigManagerConfig>;
  Store: Same<official.Store<string>, ours.Store<string>>;
  SyncCache: Same<official.SyncCache<string>, ours.SyncCache<string>>;
  SyncCacheWithRemove: Same<official.SyncCacheWithRemove<string>, ours.SyncCacheWithRemove<string>>;
  SyncStore: Same<official.SyncStore<string>, ours.SyncStore<string>>;
  TrackListenerPayload: Same<official.TrackListenerPayload, ours.TrackListenerPayload>;
  TrackNotificationPayload: Same<official.TrackNotificationPayload, ours.TrackNotificationPayload>;
  UserAgentParser: Same<official.UserAgentParser, ours.UserAgentParser>;
  UserAttributes: Same<official.UserAttributes, ours.UserAttributes>;
  UserAttributeValue: Same<official.UserAttributeValue, ours.UserAttributeValue>;
  UserProfile: Same<official.UserProfile, ours.UserProfile>;
  UserProfileService: Same<official.UserProfileService, ours.UserProfileService>;
  UserProfileServiceAsync: Same<official.UserProfileServiceAsync, ours.UserProfileServiceAsync>;
  VuidManagerOptions: Same<official.VuidManagerOptions, ours.VuidManagerOptions>;

  DECISION_NOTIFICATION_TYPES: Same<typeof officialValues.DECISION_NOTIFICATION_TYPES, typeof oursValues.DECISION_NOTIFICATION_TYPES>;
  DECISION_SOURCES: Same<typeof officialValues.DECISION_SOURCES, typeof oursValues.DECISION_SOURCES>;
  LogLevel: Same<officialValues.LogLevel, oursValues.LogLevel>;
  NOTIFICATION_TYPES: Same<typeof officialValues.NOTIFICATION_TYPES, typeof oursValues.NOTIFICATION_TYPES>;
  OptimizelyDecideOption: Same<officialValues.OptimizelyDecideOption, oursValues.OptimizelyDecideOption>;
  eventDispatcher: Same<typeof officialValues.eventDispatcher, typeof oursValues.eventDispatcher>;
  getSendBeaconEventDispatcher: Same<typeof officialValues.getSendBeaconEventDispatcher, typeof oursValues.getSendBeaconEventDispatcher>;

  missing: Same<Exclude<keyof typeof officialValues, keyof typeof oursValues>, never>;
  added: Same<Exclude<keyof typeof oursValues, keyof typeof officialValues>, 'createRelayEventProcessor' | 'createRelayProjectConfigManager' | 'ready'>;
  opaque: ours.OpaqueConfigManager | ours.OpaqueErrorNotifier | ours.OpaqueEventProcessor | ours.OpaqueLevelPreset | ours.OpaqueLogger
    | ours.OpaqueOdpManager | ours.OpaqueVuidManager extends object ? true : never;
};

export const different: { [Name in keyof Compared as Compared[Name] extends true ? never : Name]: Compared[Name] } = {};
