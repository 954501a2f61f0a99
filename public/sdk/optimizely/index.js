/** What only pages without a relay need, to ask for datafiles and to send events as officially: it is loaded when a client that does starts. */
export { BatchSender } from './batch_sender.js';
export { PollingSource } from './polling_source.js';
