/** The page's comings and goings. On a host that is no page nothing is ever called. */

/**
 * @param {() => void} callback the page goes, perhaps for ever: what is to be sent must be sent now
 * @returns {() => void} stops listening
 */
export function onLeave(callback) {
  return listen([[globalThis.window, 'pagehide', callback]]);
}

/**
 * @param {() => void} callback the page was hidden or is about to be frozen: on a phone it may never be seen again
 * @returns {() => void} stops listening
 */
export function onHide(callback) {
  const { document } = globalThis;
  const hidden = () => document.visibilityState === 'hidden' && callback();
  return listen([[document, 'visibilitychange', hidden], [document, 'freeze', callback]]);
}

/**
 * @param {() => void} callback the page was hidden, frozen, kept for the back button or without a network, and is back
 * @returns {() => void} stops listening
 */
export function onWake(callback) {
  const { window, document } = globalThis;
  const visible = () => document.visibilityState === 'visible' && callback();
  return listen([
    [window, 'online', callback], [window, 'pageshow', callback], [document, 'resume', callback], [document, 'visibilitychange', visible],
  ]);
}

/** Whether someone may be looking; always so on a host that is no page. */
export function isVisible() {
  return globalThis.document?.visibilityState !== 'hidden';
}

/** A hint only: true says little, false is sure. */
export function isOffline() {
  return globalThis.navigator?.onLine === false;
}

/**
 * @param {[EventTarget | undefined, string, () => void][]} listeners
 */
function listen(listeners) {
  for (const [target, type, callback] of listeners) target?.addEventListener(type, callback);
  return () => {
    for (const [target, type, callback] of listeners) target?.removeEventListener(type, callback);
  };
}
