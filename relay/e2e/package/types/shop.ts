// An application as the official SDK's documentation has it. It is compiled as it is, and once more with our package in the place of
// the one it imports.
import {
  createBatchEventProcessor, createErrorNotifier, createForwardingEventProcessor, createInstance, createLogger, createOdpManager,
  createPollingProjectConfigManager, createStaticProjectConfigManager, createVuidManager, DECISION_NOTIFICATION_TYPES, DECISION_SOURCES,
  eventDispatcher, getSendBeaconEventDispatcher, INFO, LogLevel, NOTIFICATION_TYPES, OptimizelyDecideOption,
} from '@optimizely/optimizely-sdk';
import type {
  Client, Config, EventDispatcher, LogHandler, NotificationPayload, OptimizelyDecision, OptimizelyUserContext, Store, UserAttributes,
  UserProfileService,
} from '@optimizely/optimizely-sdk';

const profiles = new Map<string, ReturnType<UserProfileService['lookup']>>();
const userProfileService: UserProfileService = {
  lookup: (id) => profiles.get(id) ?? { user_id: id, experiment_bucket_map: {} },
  save: (profile) => void profiles.set(profile.user_id, profile),
};

const logHandler: LogHandler = {
  log(level, message) {
    if (level >= LogLevel.Warn) console.error(LogLevel[level], message);
  },
};

const memory = new Map<string, string>();
const store: Store<string> = {
  operation: 'sync',
  get: (key) => memory.get(key),
  set: (key, value) => memory.set(key, value),
  remove: (key) => memory.delete(key),
  getKeys: () => [...memory.keys()],
};

const dispatcher: EventDispatcher = {
  async dispatchEvent({ url, params }) {
    const { status } = await fetch(url, { method: 'POST', body: JSON.stringify(params.visitors.flatMap(({ snapshots }) => snapshots)) });
    return { statusCode: status };
  },
};

const config: Config = {
  projectConfigManager: createPollingProjectConfigManager({ sdkKey: 'demo', autoUpdate: true, updateInterval: 60_000, cache: store }),
  eventProcessor: createBatchEventProcessor({
    eventDispatcher: dispatcher, closingEventDispatcher: getSendBeaconEventDispatcher(), batchSize: 10, flushInterval: 1000, eventStore: store,
  }),
  logger: createLogger({ level: INFO, logHandler }),
  errorNotifier: createErrorNotifier({ handleError: (error) => console.error(error.message) }),
  userProfileService,
  defaultDecideOptions: [OptimizelyDecideOption.ENABLED_FLAGS_ONLY],
  odpManager: createOdpManager({ eventBatchSize: 5 }),
  vuidManager: createVuidManager({ enableVuid: true }),
};

export async function shop(visitor: string, attributes: UserAttributes): Promise<string | null> {
  const client: Client = createInstance(config);
  await client.onReady({ timeout: 3000 });
  listen(client);
  const user: OptimizelyUserContext = client.createUserContext(visitor, attributes);
  user.setAttribute('plan', 'gold');
  user.setForcedDecision({ flagKey: 'sort', ruleKey: 'test' }, { variationKey: 'price' });
  const decision: OptimizelyDecision = user.decide('sort', [OptimizelyDecideOption.INCLUDE_REASONS]);
  const all = await user.decideAllAsync();
  const { limit } = decision.variables;
  user.trackEvent('purchase', { revenue: 5400, limit, flags: Object.keys(all) });
  const { experimentsMap = {} } = client.getOptimizelyConfig() ?? {};
  console.log(Object.values(experimentsMap).map(({ key, audiences }) => `${key}: ${audiences}`));
  await client.close();
  return decision.enabled ? decision.variationKey : client.activate('sort_experiment', visitor, attributes);
}

function listen({ notificationCenter }: Client): void {
  const id = notificationCenter.addNotificationListener(NOTIFICATION_TYPES.DECISION, (payload: NotificationPayload['DECISION']) => {
    if (payload.type === DECISION_NOTIFICATION_TYPES.FLAG) console.log(payload.decisionInfo.flagKey, payload.decisionInfo.enabled);
    if (payload.type === 'feature' && payload.decisionInfo.source === DECISION_SOURCES.ROLLOUT) console.log(payload.decisionInfo.featureKey);
  });
  notificationCenter.addNotificationListener(NOTIFICATION_TYPES.OPTIMIZELY_CONFIG_UPDATE, () => notificationCenter.removeNotificationListener(id));
  notificationCenter.addNotificationListener(NOTIFICATION_TYPES.TRACK, ({ eventKey, logEvent }) => console.log(eventKey, logEvent.params.revision));
}

/** For a server: a datafile it has already, and one request for each event. */
export function serve(datafile: string): Client {
  return createInstance({
    projectConfigManager: createStaticProjectConfigManager({ datafile }),
    eventProcessor: createForwardingEventProcessor(eventDispatcher),
    disposable: true,
  });
}
