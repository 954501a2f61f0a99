/** The page's side of service-worker.js: what it was made of is kept, and a newer site is offered, never forced on anybody. */

/**
 * @param {string} address of a module of the site
 * @returns {string} the folder of what never changes; '' where the site is served as it lies
 */
export function buildOf(address) {
  return /\/(assets-[0-9a-f]+)\//.exec(new URL(address).pathname)?.[1] ?? '';
}

/**
 * Does nothing where there are no service workers: in old browsers, and over plain http.
 * @param {{onNewer: (takeOver: () => void) => void}} handlers told once that there is a newer site; the newest comes when takeOver is called:
 *   the page reloads
 */
export async function workOffline({ onNewer }) {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const isFirst = !workers.controller;
  try {
    const registration = await workers.register('service-worker.js', { type: 'module' });
    offer(registration, onNewer);
    const { active } = await workers.ready;
    if (isFirst && active) handOver(active);
  } catch {
    // A browser may refuse, or the host may not have it: the page works as well without, as long as there is a network.
  }
}

/**
 * What was fetched before the worker was there, and what this page goes on fetching without it.
 * @param {ServiceWorker} worker
 */
function handOver(worker) {
  worker.postMessage({ type: 'keep', addresses: [location.href] });
  new PerformanceObserver((list) => {
    worker.postMessage({ type: 'keep', addresses: list.getEntries().map((entry) => entry.name) });
  }).observe({ type: 'resource', buffered: true });
}

/**
 * @param {ServiceWorkerRegistration} registration
 * @param {(takeOver: () => void) => void} onNewer
 */
function offer(registration, onNewer) {
  /** @type {ServiceWorker | undefined} */
  let newest;
  const ask = () => registration.waiting?.postMessage({ type: 'page', build: buildOf(import.meta.url) });
  navigator.serviceWorker.addEventListener('message', ({ source, data }) => {
    if (data.type !== 'newer' || !(source instanceof ServiceWorker)) return;
    const isFirst = !newest;
    newest = source;
    if (isFirst) onNewer(() => takeOver(/** @type {ServiceWorker} */ (newest)));
  });
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', ask));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) registration.update().catch(() => {}); // nobody answered: another time
  });
  ask();
}

/** @param {ServiceWorker} worker that waits, unless another page has let it in, or a newer one has taken its place */
function takeOver(worker) {
  const isDecided = () => worker.state === 'activated' || worker.state === 'redundant';
  if (isDecided()) return location.reload();
  worker.addEventListener('statechange', () => {
    if (isDecided()) location.reload();
  });
  worker.postMessage({ type: 'take over' });
}
