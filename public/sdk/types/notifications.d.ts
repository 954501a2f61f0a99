/** What a client tells its listeners, and what it sends. */

import type { EventTags, FeatureVariableValue, UserAttributes } from './client.js';
import type { OptimizelyVariablesMap } from './optimizely_config.js';

export declare const NOTIFICATION_TYPES: { [Type in NotificationType]: Type };
export type NotificationType = keyof NotificationPayload;

export declare const DECISION_NOTIFICATION_TYPES: {
  readonly AB_TEST: 'ab-test';
  readonly FEATURE: 'feature';
  readonly FEATURE_TEST: 'feature-test';
  readonly FEATURE_VARIABLE: 'feature-variable';
  readonly ALL_FEATURE_VARIABLES: 'all-feature-variables';
  readonly FLAG: 'flag';
};
type DecisionNotificationType = (typeof DECISION_NOTIFICATION_TYPES)[keyof typeof DECISION_NOTIFICATION_TYPES];

export declare const DECISION_SOURCES: {
  readonly FEATURE_TEST: 'feature-test';
  readonly ROLLOUT: 'rollout';
  readonly EXPERIMENT: 'experiment';
  readonly HOLDOUT: 'holdout';
};
type DecisionSource = (typeof DECISION_SOURCES)[keyof typeof DECISION_SOURCES];

export type NotificationPayload = {
  ACTIVATE: ActivateNotificationPayload;
  DECISION: DecisionNotificationPayload;
  TRACK: TrackNotificationPayload;
  LOG_EVENT: LogEventNotificationPayload;
  OPTIMIZELY_CONFIG_UPDATE: OptimizelyConfigUpdateNotificationPayload;
};
export type LogEventNotificationPayload = LogEvent;
export type OptimizelyConfigUpdateNotificationPayload = undefined;

type UserPayload = { userId: string; attributes?: UserAttributes };

/** Experiment, holdout and variation are the datafile's own objects. */
export type ActivateNotificationPayload = UserPayload & {
  experiment: Experiment | null;
  holdout: Holdout | null;
  variation: Variation | null;
  logEvent: LogEvent;
};
export type TrackNotificationPayload = UserPayload & {
  eventKey: string;
  eventTags?: EventTags;
  logEvent: LogEvent;
};
export type DecisionNotificationPayload = {
  [Type in DecisionNotificationType]: UserPayload & { type: Type; decisionInfo: DecisionInfo[Type] };
}[DecisionNotificationType];

type DecisionInfo = {
  'ab-test': ExperimentInfo;
  'feature-test': ExperimentInfo;
  feature: FeatureInfo;
  'feature-variable': FeatureInfo & { variableKey: string; variableValue: FeatureVariableValue; variableType: VariableType };
  'all-feature-variables': FeatureInfo & { variableValues: { [variableKey: string]: unknown } };
  flag: {
    flagKey: string;
    enabled: boolean;
    variationKey: string | null;
    ruleKey: string | null;
    variables: { [variableKey: string]: unknown };
    reasons: string[];
    decisionEventDispatched: boolean;
    experimentId: string | null;
    variationId: string | null;
  };
};
type ExperimentInfo = { experimentKey: string; variationKey: string | null };
type FeatureInfo = {
  featureKey: string;
  featureEnabled: boolean;
  source: DecisionSource;
  sourceInfo: { experimentKey?: string; variationKey?: string };
};
declare enum VariableType {
  BOOLEAN = 'boolean',
  DOUBLE = 'double',
  INTEGER = 'integer',
  STRING = 'string',
  JSON = 'json',
}

interface Variation {
  id: string;
  key: string;
  featureEnabled?: boolean;
  variablesMap: OptimizelyVariablesMap;
  variables?: { id: string; value: string }[];
}
interface Rule {
  id: string;
  key: string;
  variations: Variation[];
  variationKeyMap: { [variationKey: string]: Variation };
  audienceConditions: Array<string | string[]>;
  audienceIds: string[];
  trafficAllocation: { entityId: string; endOfRange: number }[];
}
interface Experiment extends Rule {
  layerId: string;
  groupId?: string;
  status: string;
  forcedVariations?: { [userId: string]: string };
  isRollout?: boolean;
  type?: string;
  cmab?: { trafficAllocation: number; attributeIds: string[] };
}
interface Holdout extends Rule {
  status: 'Draft' | 'Running' | 'Concluded' | 'Archived';
  includedFlags: string[];
  excludedFlags: string[];
  includedRules?: string[] | null;
  isGlobal: boolean;
  excludeTargetedDeliveries?: boolean;
}

export interface NotificationCenter {
  /** An id to remove the listener by; -1 when there is no such type. */
  addNotificationListener<Type extends NotificationType>(type: Type, listener: (payload: NotificationPayload[Type]) => void): number;
  /** Whether there was such a listener. */
  removeNotificationListener(id: number): boolean;
  clearNotificationListeners(type: NotificationType): void;
  clearAllNotificationListeners(): void;
}

/** @deprecated they say nothing; use ActivateNotificationPayload and its like */
export interface ListenerPayload {
  userId: string;
  attributes?: UserAttributes;
}
/** @deprecated use ActivateNotificationPayload */
export interface ActivateListenerPayload {
  [key: string]: any;
}
/** @deprecated use TrackNotificationPayload */
export interface TrackListenerPayload {
  [key: string]: any;
}

/** A request with a batch of events. */
export interface LogEvent {
  url: string;
  httpVerb: 'POST' | 'PUT' | 'GET' | 'PATCH';
  params: EventBatch;
}
/** @deprecated use LogEvent */
export interface Event {
  url: string;
  httpVerb: 'POST';
  params: any;
}

type EventBatch = {
  account_id: string;
  project_id: string;
  revision: string;
  client_name: string;
  client_version: string;
  anonymize_ip: boolean;
  enrich_decisions: boolean;
  visitors: {
    visitor_id: string;
    attributes: { entity_id: string; key: string; type: 'custom'; value: string | number | boolean }[];
    snapshots: { decisions?: EventDecision[]; events: SnapshotEvent[] }[];
  }[];
};
type EventDecision = {
  campaign_id: string | null;
  experiment_id: string | null;
  variation_id: string | null;
  metadata: { flag_key: string; rule_key: string; rule_type: string; variation_key: string; enabled: boolean; cmab_uuid?: string };
};
type SnapshotEvent = {
  entity_id: string | null;
  /** Milliseconds since 1970. */
  timestamp: number;
  uuid: string;
  key: string;
  revenue?: number;
  value?: number;
  tags?: EventTags;
};
