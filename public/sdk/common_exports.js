/** What every entry point exports: all but createInstance and what has to do with where the engine comes from. */

export { createPollingProjectConfigManager } from './config/polling.js';
export { createStaticProjectConfigManager } from './config/static.js';
export { OptimizelyDecideOption } from './decide_options.js';
export { DECISION_SOURCES, __platforms, clientEngine } from './enums.js';
export { createBatchEventProcessor } from './events/batch.js';
export { eventDispatcher, getSendBeaconEventDispatcher } from './events/dispatcher.js';
export { createForwardingEventProcessor } from './events/forwarding.js';
export { createErrorNotifier } from './lib/error_reporter.js';
export { DEBUG, ERROR, INFO, LogLevel, WARN, createLogger } from './lib/logger.js';
export { DECISION_NOTIFICATION_TYPES, NOTIFICATION_TYPES } from './notification_center.js';
export { createOdpManager, createVuidManager } from './odp.js';
export { createRelayProjectConfigManager } from './relay/config_manager.js';
export { createRelayEventProcessor } from './relay/event_processor.js';
