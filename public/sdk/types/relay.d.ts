/** The parts that talk to Sortition's relay. */

export type RelayState = {
  status: 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline';
  /** Of the datafile that decides; null while there is none. */
  revision: string | null;
  /** xxHash64 of the datafile that decides, 16 hex digits. */
  hash: string | null;
  /** Until the next attempt to connect. */
  retryInMs?: number;
  /** While live: how long the relay took last to say that what the page has is the newest. It is asked twice a minute. */
  roundTripMs?: number;
  /** Of the datafile that will decide on the next page, when it is another (`apply: 'next-page'`). */
  nextRevision?: string;
  /** What is wrong, in one sentence. */
  error?: string;
  /** With whom: the relay or the way to it, the sdkKey or token, or the newest datafile. */
  fault?: 'relay' | 'key' | 'datafile';
};

export type RelayConfigManagerConfig = {
  sdkKey: string;
  /** Default: the page's own origin. */
  relayUrl?: string;
  /** Of a project that is not open to everyone. */
  token?: string;
  /**
   * When a datafile decides that comes while another does. `immediate`, the default: at once. `next-page`: on the next page, so that
   * nobody sees a variation change under their eyes; only rules, variations and flags that were switched off are so at once.
   */
  apply?: 'immediate' | 'next-page';
  /** Told of every change. */
  onState?: (state: RelayState) => void;
  /** Told of each datafile, as text, once it decides. */
  onDatafile?: (datafile: string) => void;
};

export type EventState = {
  uuid: string;
  kind: 'impression' | 'conversion';
  /** It waits, is on its way, is on the relay's disk, was there before, or never will be. */
  status: 'queued' | 'sent' | 'safe' | 'duplicate' | 'refused';
  /** Why it waits again, or was refused. */
  error?: string;
};

export type EventQueueState = {
  /** Events, those that other pages of this origin left among them. */
  waiting: number;
  /** Events that were dropped since this page began: the queue was full, or they were older than 72 hours. */
  dropped: number;
  /** When the next attempt is, after a failed one: milliseconds since 1970. */
  retryAt?: number;
};

export type RelayEventProcessorOptions = {
  /** Default: the page's own origin. */
  relayUrl?: string;
  /** Counts the events for this project; default: the relay finds the project by its ids. */
  sdkKey?: string;
  /** Told of each step of each event of this page. */
  onEvent?: (state: EventState) => void;
  /** Told whenever one of its numbers changes. */
  onQueue?: (state: EventQueueState) => void;
  /** Whether the visitor wants no events sent; asked at each event. Global Privacy Control is obeyed without it. */
  optOut?: () => boolean;
  /** What requests go by; default: the host's own. What a browser sends for a page that is gone is not among them. */
  fetch?: typeof fetch;
};
