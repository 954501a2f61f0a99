import { makeConfigManager } from './manager.js';

/**
 * For a datafile that the application has already, and that never changes.
 * @param {{datafile: string, jsonSchemaValidator?: import('./manager.js').SchemaValidator}} config
 * @returns {object} for createInstance's `projectConfigManager`
 */
export function createStaticProjectConfigManager({ datafile, jsonSchemaValidator }) {
  return makeConfigManager({ datafile, jsonSchemaValidator });
}
