/** What only pages with a relay need: it is loaded when a client with one starts. */
export { EventSender } from './sender.js';
export { RelaySource } from './source.js';
