import { format, messageOf } from './message.js';
import { makeSeal } from './seal.js';

/** Each level by its name, and each name by its level. */
export const LogLevel = Object.freeze(/** @type {const} */ ({ Debug: 0, Info: 1, Warn: 2, Error: 3, 0: 'Debug', 1: 'Info', 2: 'Warn', 3: 'Error' }));

/**
 * Where log lines go.
 * @typedef {{log(level: number, message: string): void}} LogHandler
 */

/** @type {import('./seal.js').Seal<number>} */
const presets = makeSeal('log level');

export const DEBUG = presets.wrap(LogLevel.Debug);
export const INFO = presets.wrap(LogLevel.Info);
export const WARN = presets.wrap(LogLevel.Warn);
export const ERROR = presets.wrap(LogLevel.Error);

/** Writes to the console, each level by its own method, so that browsers can filter. @type {LogHandler} */
const consoleHandler = {
  log(level, message) {
    const name = /** @type {'debug' | 'info' | 'warn' | 'error'} */ (LogLevel[/** @type {0} */ (level)].toLowerCase());
    console[name](`[OPTIMIZELY] - ${name.toUpperCase()} ${new Date().toISOString()} ${message}`);
  },
};

/** Writes lines at or above a level, each under the name of the part that speaks. */
export class Logger {
  #name;
  #handler;
  #level;

  /**
   * @param {number} level
   * @param {LogHandler} handler
   * @param {string} [name]
   */
  constructor(level, handler, name = 'Optimizely') {
    this.#level = level;
    this.#handler = handler;
    this.#name = name;
  }

  /** The same logger under another name. @param {string} name */
  child(name) {
    return new Logger(this.#level, this.#handler, name);
  }

  /** @param {string} template @param {...unknown} params */
  debug(template, ...params) {
    this.#log(LogLevel.Debug, template, params);
  }

  /** @param {string} template @param {...unknown} params */
  info(template, ...params) {
    this.#log(LogLevel.Info, template, params);
  }

  /** @param {string} template @param {...unknown} params */
  warn(template, ...params) {
    this.#log(LogLevel.Warn, template, params);
  }

  /** @param {unknown} error a template or an error @param {...unknown} params */
  error(error, ...params) {
    this.#log(LogLevel.Error, messageOf(error), params);
  }

  /**
   * @param {number} level
   * @param {string} template
   * @param {unknown[]} params
   */
  #log(level, template, params) {
    if (level < this.#level) return;
    const message = params.length === 0 ? template : format(template, params);
    this.#handler.log(level, `${this.#name}: ${message}`);
  }
}

/** What a client without a logger gets: it says nothing. */
export const silent = new Logger(Infinity, consoleHandler);

/** @type {import('./seal.js').Seal<Logger>} */
const loggers = makeSeal('logger');

/**
 * @param {{level: object, logHandler?: LogHandler | null}} config level is one of DEBUG, INFO, WARN, ERROR; without a handler lines go to the console
 * @returns {object} for createInstance's `logger`
 */
export function createLogger({ level, logHandler }) {
  const least = presets.open(level);
  if (least === undefined) throw new Error('Invalid level preset');
  const handler = logHandler || consoleHandler;
  if (typeof handler.log !== 'function') throw new Error('Invalid log handler');
  return loggers.wrap(new Logger(least, handler));
}

/** @param {unknown} opaque */
export function openLogger(opaque) {
  return loggers.open(opaque) ?? silent;
}
