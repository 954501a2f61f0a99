/**
 * Keeps what the pages are made of, so that they open without a network. A page it has shown once opens again, and decides with the
 * datafile that the page itself remembers.
 *
 * What changes in place is asked for first and kept for when nobody answers: the pages, their settings, and a site that is served
 * as it lies. What has the hash of its content in its address never changes, and is asked for once. The relay's own answers are
 * no business of this worker, nor is anything that is no GET.
 *
 * A newer worker waits until a visitor lets it in, or until the last page of the older one is closed.
 */

/** The folder of what never changes. Written by the build of the site; '' where the site is served as it lies. */
const BUILD = '';

const UNCHANGING = /^assets-[0-9a-f]+\//;
const CHANGING = /^(|[\w-]+\.html|config\.json|favicon\.svg|(components|demo|lib|pages|sdk|styles)\/.*)$/;

/**
 * @param {string} path below the site's own, without a query
 * @returns {'kept' | 'fresh' | 'not ours'} what is to be answered first
 */
export function preferenceFor(path) {
  if (UNCHANGING.test(path)) return 'kept';
  return CHANGING.test(path) ? 'fresh' : 'not ours';
}

/**
 * @param {string} path below the site's own
 * @param {string} build that is in force
 * @returns {boolean} whether no page will ask for it again
 */
export function isOutdated(path, build) {
  return UNCHANGING.test(path) && !path.startsWith(`${build}/`);
}

/**
 * @param {string} address
 * @param {string} scope the address of the site, with a slash at its end
 * @returns {string | undefined} the path below the site's own; undefined when it lies elsewhere
 */
export function pathIn(address, scope) {
  const { origin, pathname } = new URL(address);
  const full = origin + pathname;
  return full.startsWith(scope) ? full.slice(scope.length) : undefined;
}

/** The worker itself. */
class Keeper {
  #scope;
  #name;

  /** @param {string} scope */
  constructor(scope) {
    this.#scope = scope;
    this.#name = `sortition ${scope}`; // an origin may have several sites, each below its own path
  }

  /**
   * @param {Request} request
   * @returns {Promise<Response> | undefined} undefined leaves the request to the browser
   */
  answer(request) {
    const preference = request.method === 'GET' && !request.headers.has('range') ? this.#preferenceFor(request.url) : 'not ours';
    if (preference === 'kept') return this.#kept(request.url).then((kept) => kept ?? this.#fetch(request));
    if (preference === 'fresh') return this.#fresh(request);
    return undefined;
  }

  /**
   * Keeps what a page had got before the worker was there.
   * @param {string[]} addresses
   */
  async keep(addresses) {
    const ours = addresses.filter((address) => this.#preferenceFor(address) !== 'not ours');
    await Promise.allSettled(ours.map(async (address) => await this.#kept(address) ?? this.#fetch(new Request(address))));
  }

  async tidy() {
    const cache = await caches.open(this.#name);
    const outdated = (await cache.keys()).filter(({ url }) => isOutdated(pathIn(url, this.#scope) ?? '', BUILD));
    await Promise.all(outdated.map((request) => cache.delete(request)));
  }

  /** @param {string} address */
  #preferenceFor(address) {
    const path = pathIn(address, this.#scope);
    return path === undefined ? 'not ours' : preferenceFor(path);
  }

  /** @param {Request} request */
  async #fresh(request) {
    const fresh = await this.#fetch(request).catch(() => undefined);
    if (fresh && fresh.status < 500) return fresh;
    return await this.#kept(request.url) ?? fresh ?? Response.error();
  }

  /** Whatever the query, it is the same file. @param {string} address */
  async #kept(address) {
    return (await caches.open(this.#name)).match(address, { ignoreSearch: true, ignoreVary: true });
  }

  /** @param {Request} request */
  async #fetch(request) {
    const response = await fetch(request);
    if (response.ok && !response.redirected && !this.#isStandIn(request.url, response)) await this.#store(request.url, response.clone());
    return response;
  }

  /**
   * Whether the answer is a page in the place of something else, as of a proxy that wants a login: kept under the address of what never
   * changes it would be there for good.
   * @param {string} address
   * @param {Response} response
   */
  #isStandIn(address, response) {
    const isPage = /(^|\.html)$/.test(pathIn(address, this.#scope) ?? '');
    return !isPage && /^text\/html\b/.test(response.headers.get('content-type') ?? '');
  }

  /**
   * @param {string} address
   * @param {Response} response
   */
  async #store(address, response) {
    const { origin, pathname } = new URL(address);
    // Without room for it the page still gets what it asked for.
    await caches.open(this.#name).then((cache) => cache.put(origin + pathname, response)).catch(() => {});
  }
}

/**
 * What the worker's global scope has, and its events.
 * @typedef {object} WorkerScope
 * @property {{scope: string}} registration
 * @property {() => Promise<void>} skipWaiting
 * @property {(type: string, listener: (event: WorkerEvent) => void) => void} addEventListener
 *
 * @typedef {object} WorkerEvent
 * @property {Request} request
 * @property {any} data
 * @property {{postMessage: (message: unknown) => void} | null} source
 * @property {(answer: Promise<Response>) => void} respondWith
 * @property {(work: Promise<unknown>) => void} waitUntil
 */

/** @param {WorkerScope} worker */
function start(worker) {
  const keeper = new Keeper(worker.registration.scope);
  worker.addEventListener('activate', (event) => event.waitUntil(keeper.tidy()));
  worker.addEventListener('fetch', (event) => {
    const answer = keeper.answer(event.request);
    if (answer) event.respondWith(answer);
  });
  worker.addEventListener('message', (event) => {
    const { type, addresses, build } = event.data;
    if (type === 'keep') event.waitUntil(keeper.keep(addresses));
    if (type === 'page' && build !== BUILD) event.source?.postMessage({ type: 'newer' });
    if (type === 'take over') event.waitUntil(worker.skipWaiting());
  });
}

if ('skipWaiting' in globalThis) start(/** @type {any} */ (globalThis));
