import type { UserAgentParser } from './common_exports.js';

/** For createOdpManager, which needs none: the parser finds out nothing. */
export declare function getUserAgentParser(): UserAgentParser;
