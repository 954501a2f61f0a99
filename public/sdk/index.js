/**
 * Sortition's SDK: the named exports and behaviour of @optimizely/optimizely-sdk 6.6.1, on a Go engine in WebAssembly, and
 * a config manager and an event processor of its own that talk to Sortition's relay. README.md tells the differences.
 */

export { createInstance } from './client.js';
export { createPollingProjectConfigManager } from './config/polling.js';
export { createStaticProjectConfigManager } from './config/static.js';
export { ready } from './engine_loader.js';
export { DECISION_SOURCES, OptimizelyDecideOption, __platforms, clientEngine } from './enums.js';
export { createBatchEventProcessor } from './events/batch.js';
export { eventDispatcher, getSendBeaconEventDispatcher } from './events/dispatcher.js';
export { createForwardingEventProcessor } from './events/forwarding.js';
export { createErrorNotifier } from './lib/error_reporter.js';
export { DEBUG, ERROR, INFO, LogLevel, WARN, createLogger } from './lib/logger.js';
export { DECISION_NOTIFICATION_TYPES, NOTIFICATION_TYPES } from './notification_center.js';
export { createOdpManager, createVuidManager } from './odp.js';
export { createRelayProjectConfigManager } from './relay/config_manager.js';
export { createRelayEventProcessor } from './relay/event_processor.js';
