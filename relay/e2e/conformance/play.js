import { copyOf, textOf } from './text.js';

/**
 * @typedef {import('./scenario.js').Scenario} Scenario
 * @typedef {import('./scenario.js').Call} Call
 * @typedef {import('./scenario.js').ProfileService} ProfileService
 *
 * What an SDK answered to one call and told while it ran, by area.
 * @typedef {{call: string, seen: Record<string, string>}} Step
 */

export const areas = ['datafile', 'contexts', 'decide', 'reasons', 'legacy', 'variables', 'forced', 'user profiles', 'events', 'notifications', 'errors', 'OptimizelyConfig', 'ODP'];

/** The area of a call's answer. @type {[RegExp, string][]} */
const areaOfCalls = [
  [/^decide/, 'decide'], [/Variables?(Boolean|Integer|Double|String|JSON)?$/, 'variables'], [/Forced/, 'forced'],
  [/^(getUserId|getAttributes|setAttribute|isQualifiedFor|qualifiedSegments|createUserContext)$/, 'contexts'],
  [/^getOptimizelyConfig$/, 'OptimizelyConfig'], [/^(getVuid|isOdpIntegrated|sendOdpEvent|fetchQualifiedSegments)$/, 'ODP'], [/^(onReady|close)$/, 'datafile'],
];

/**
 * Plays a scenario on an SDK.
 * @param {any} sdk the module
 * @param {Scenario} scenario stays as it is
 * @returns {Promise<Step[]>}
 */
export async function play(sdk, scenario) {
  return new Player(sdk, scenario).play();
}

class Player {
  #sdk;
  #scenario;
  /** What was told since the last step, by area. @type {Record<string, unknown[]>} */
  #told = {};
  /** @type {Step[]} */
  #steps = [];
  /** @type {any} */
  #client;
  /** @type {any[]} */
  #contexts = [];

  /** @param {any} sdk @param {Scenario} scenario */
  constructor(sdk, scenario) {
    this.#sdk = sdk;
    this.#scenario = scenario;
  }

  async play() {
    const { users, calls } = this.#scenario;
    await this.#step('createInstance()', 'datafile', () => this.#createInstance());
    if (!this.#client) return this.#steps;
    for (const user of users) await this.#step(`createUserContext(${textOf(user)})`, 'contexts', () => this.#createContext(user));
    for (const call of calls) await this.#call(call);
    await this.#step('onReady()', 'datafile', () => this.#client.onReady({ timeout: 1000 }).then(() => 'ready'));
    this.#client.close().catch(() => {});
    return this.#steps;
  }

  /** @param {Call} call */
  async #call({ on, method, args }) {
    const target = on === 'client' ? this.#client : this.#contexts[on];
    if (!target) return;
    const own = copyOf(args);
    const name = `${on === 'client' ? '' : `user ${on}: `}${method}(${args.map((arg) => textOf(arg)).join(', ')})`;
    const area = areaOfCalls.find(([pattern]) => pattern.test(method))?.[1] ?? 'legacy';
    await this.#step(name, area, () => this.#answer(target, method, own));
    if (/^track/.test(method)) /** @type {Step} */ (this.#steps.at(-1)).seen.events += ` leaves ${textOf(own)}`; // empty tags are removed from the caller's own object
  }

  /** @param {any} target @param {string} method @param {any[]} args */
  #answer(target, method, args) {
    if (method === 'qualifiedSegments') {
      if (args.length > 0) target.qualifiedSegments = args[0];
      return target.qualifiedSegments;
    }
    if (method === 'close') return void target.close().catch(() => {});
    return target[method](...args);
  }

  /**
   * @param {string} call
   * @param {string} area
   * @param {() => any} act
   */
  async #step(call, area, act) {
    this.#told = {};
    /** @type {Record<string, string>} */
    const seen = {};
    try {
      const answer = await act();
      if (area === 'decide') Object.assign(seen, decisionTexts(answer));
      else seen[area] = textOf(answer);
    } catch (error) {
      seen[area] = `throws ${error instanceof TypeError ? 'a TypeError' : /** @type {any} */ (error)?.message}`;
    }
    for (const [toldArea, told] of Object.entries(this.#told)) seen[toldArea] = `${seen[toldArea] ?? ''}${told.join('\n')}`;
    this.#steps.push({ call, seen });
  }

  /** @param {string} area @param {...unknown} told */
  #tell(area, ...told) {
    (this.#told[area] ??= []).push(told.map((item) => (typeof item === 'string' ? item : textOf(item))).join(' '));
  }

  async #createInstance() {
    const { datafile, client } = this.#scenario;
    const sdk = this.#sdk;
    this.#client = sdk.createInstance({
      projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: typeof datafile === 'string' ? datafile : JSON.stringify(datafile), ...(client.validator && { jsonSchemaValidator: validator(client.validator) }) }),
      errorNotifier: sdk.createErrorNotifier({ handleError: (/** @type {any} */ error) => this.#tell('errors', error.baseMessage ? error.message : 'an error') }),
      ...(client.processor !== 'none' && { eventProcessor: sdk.createForwardingEventProcessor(this.#dispatcher(client.processor)) }),
      ...(client.profiles && { userProfileService: this.#profileService(client.profiles) }),
      ...(client.asyncProfiles && { userProfileServiceAsync: later(this.#profileService(client.asyncProfiles)) }),
      ...('defaultDecideOptions' in client && { defaultDecideOptions: copyOf(client.defaultDecideOptions) }),
      ...(client.extra === 'odp' && { odpManager: sdk.createOdpManager({}), vuidManager: sdk.createVuidManager({ enableVuid: true }) }),
      ...(client.extra === 'disposable' && { disposable: true }),
    });
    for (const type of [...Object.values(sdk.NOTIFICATION_TYPES)]) {
      this.#client.notificationCenter.addNotificationListener(type, (/** @type {unknown} */ payload) => this.#tell('notifications', type, asJSON(payload)));
    }
    await new Promise((resolve) => setImmediate(resolve)); // a datafile that is no good is told of now or soon
  }

  /** @param {import('./scenario.js').User} user */
  #createContext({ id, attributes, segments }) {
    this.#contexts.push(undefined);
    const context = this.#client.createUserContext(id, copyOf(attributes));
    if (segments !== undefined) context.qualifiedSegments = copyOf(segments);
    this.#contexts[this.#contexts.length - 1] = context;
    return userView(context);
  }

  /** @param {string} kind */
  #dispatcher(kind) {
    return {
      dispatchEvent: (/** @type {any} */ { url, httpVerb, params }) => {
        this.#tell('events', asJSON({ url, httpVerb, params }));
        if (kind === 'failing') throw new Error('no network');
        return Promise.resolve({ statusCode: 200 });
      },
    };
  }

  /** @param {ProfileService} service */
  #profileService({ kind, stored }) {
    /** @type {Record<string, any>} */
    const profiles = copyOf(stored);
    const odd = /** @type {Record<string, any>} */ ({ 'lookup null': null, 'lookup undefined': undefined, 'lookup text': 'text', 'no map': { user_id: 'u' } });
    const lookup = (/** @type {string} */ userId) => {
      this.#tell('user profiles', 'lookup', userId);
      if (kind === 'lookup throws') throw new Error('no profiles');
      return kind in odd ? odd[kind] : copyOf(profiles[userId] ?? null);
    };
    const save = (/** @type {any} */ profile) => {
      this.#tell('user profiles', 'save', profile);
      if (kind === 'save throws') throw new Error('not saved');
      profiles[profile.user_id] = copyOf(profile);
    };
    if (kind === 'not an object') return 'profiles';
    return { ...(kind !== 'no lookup' && { lookup }), ...(kind !== 'no save' && { save }) };
  }
}

/** One decision, or those of several flags. @param {any} answer */
function decisionTexts(answer) {
  const decisions = answer && 'flagKey' in answer ? [answer] : Object.values(answer ?? {});
  const decide = decisions.map(({ reasons, userContext, ...decided }) => ({ ...decided, user: userView(userContext) }));
  return { decide: textOf(answer && 'flagKey' in answer ? decide : [Object.keys(answer ?? {}), decide]), reasons: textOf(decisions.map(({ reasons }) => reasons)) };
}

/** As an application that stores or sends it has it. @param {unknown} payload */
function asJSON(payload) {
  const text = JSON.stringify(payload);
  return text === undefined ? undefined : JSON.parse(text);
}

/** @param {any} context */
function userView(context) {
  return { id: context.getUserId(), attributes: context.getAttributes(), segments: context.qualifiedSegments };
}

/** @param {any} service its functions, as promises */
function later(service) {
  if (typeof service !== 'object') return service;
  return Object.fromEntries(Object.entries(service).map(([name, act]) => [name, async (/** @type {any} */ argument) => act(argument)]));
}

/** @param {'true' | 'false' | 'throws'} kind */
function validator(kind) {
  return () => {
    if (kind === 'throws') throw new Error('not to my liking');
    return kind === 'true';
  };
}
