import { makeSeal } from '../lib/seal.js';

/**
 * Takes a client's events to where they are to go. A processor starts nothing before its client does.
 * @typedef {object} EventProcessor
 * @property {(host: ProcessorHost) => void} start
 * @property {(event: UserEvent, kind: EventKind) => void} process
 * @property {() => void} leave the page goes: hands over at once what is waiting
 * @property {() => Promise<void>} stop hands over what is waiting, then lets go of everything
 *
 * What a processor needs of its client.
 * @typedef {object} ProcessorHost
 * @property {import('../lib/logger.js').Logger} logger
 * @property {boolean} disposable the client will not live long: hold nothing back
 * @property {(logEvent: LogEvent) => void} onDispatch
 *
 * @typedef {import('../engine/index.js').UserEvent} UserEvent
 * @typedef {'impression' | 'conversion'} EventKind
 *
 * A request that carries events, as an application's dispatcher gets it.
 * @typedef {{url: string, httpVerb: 'POST', params: Record<string, any>}} LogEvent
 */

/** @type {import('../lib/seal.js').Seal<EventProcessor>} */
export const processors = makeSeal('event processor');
