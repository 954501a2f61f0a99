import type {
  EvaluationContext, JsonValue, Provider, ProviderEventEmitter, ProviderEvents, ResolutionDetails, TrackingEventDetails,
} from '@openfeature/web-sdk';
import type { Config, RelayConfigManagerConfig, RelayEventProcessorOptions } from './common_exports.js';
import type { EngineInit } from './slim.js';

type OfProvider = Partial<EngineInit> & {
  /** Milliseconds until initialize gives up waiting for a first datafile; default 10000. One that comes later makes the provider ready. */
  readyTimeout?: number;
};

/** Follows a project through a relay, and sends events there. */
type OfRelay = Pick<RelayConfigManagerConfig, 'sdkKey' | 'relayUrl' | 'token' | 'apply'> &
  Pick<RelayEventProcessorOptions, 'optOut'> &
  Partial<Config> & {
    projectConfigManager?: undefined;
    /** Milliseconds without the relay until the provider is stale; default 30000. */
    staleAfter?: number;
  };

/** `wasm` and `integrity` say where the engine is, for bundlers that do not take it along; everything else is createInstance's. */
export type SortitionWebProviderOptions = OfProvider & (OfRelay | Config);

/**
 * A provider for @openfeature/web-sdk. A boolean is whether a flag is on, a string its variation's key, an object all its variables,
 * and a number the only one among them; `flag.variable` is one variable, `flag.*` all of them. An experiment that belongs to no flag is a flag without
 * variables.
 */
export declare class SortitionWebProvider implements Provider {
  /** Throws for want of an sdkKey and of a projectConfigManager. */
  constructor(options: SortitionWebProviderOptions);
  readonly metadata: { readonly name: 'Sortition' };
  readonly runsOn: 'client';
  readonly events: ProviderEventEmitter<ProviderEvents>;
  initialize(context?: EvaluationContext): Promise<void>;
  onClose(): Promise<void>;
  onContextChange(oldContext: EvaluationContext, newContext: EvaluationContext): void;
  resolveBooleanEvaluation(key: string, fallback: boolean, context: EvaluationContext): ResolutionDetails<boolean>;
  resolveStringEvaluation(key: string, fallback: string, context: EvaluationContext): ResolutionDetails<string>;
  resolveNumberEvaluation(key: string, fallback: number, context: EvaluationContext): ResolutionDetails<number>;
  resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T, context: EvaluationContext): ResolutionDetails<T>;
  track(eventKey: string, context: EvaluationContext, details?: TrackingEventDetails): void;
}
