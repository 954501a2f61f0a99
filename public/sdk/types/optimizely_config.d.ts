/** What a datafile says, for people and programs to read. */

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
  variablesMap: OptimizelyVariablesMap;
}
export type OptimizelyVariablesMap = { [variableKey: string]: OptimizelyVariable };
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
  variablesMap: OptimizelyVariablesMap;
  /** @deprecated use experimentRules and deliveryRules */
  experimentsMap: { [experimentKey: string]: OptimizelyExperiment };
}
export type OptimizelyAttribute = { id: string; key: string };
export type OptimizelyAudience = { id: string; name: string; conditions: string };
export type OptimizelyEvent = { id: string; key: string; experimentIds: string[] };
