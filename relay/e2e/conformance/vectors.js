/**
 * The golden vectors, played on an SDK through its public calls: in Node beside this file, and in a real browser (golden_test.go
 * there takes this file's text). It imports nothing, so that a page can have it as it is.
 *
 * @param {any} sdk a module
 * @param {any} vectors
 * @returns {Promise<{checked: number, failures: string[]}>}
 */
export async function checkVectors(sdk, vectors) {
  const result = { checked: 0, failures: /** @type {string[]} */ ([]) };

  /** @param {string} name @param {unknown} got @param {unknown} want */
  const check = (name, got, want) => {
    result.checked++;
    if (text(got) !== text(want)) result.failures.push(`${name}: got ${text(got)}, want ${text(want)}`);
  };

  for (const scenario of vectors.decisions.cases) await checkDecision(sdk, scenario, check);
  for (const { conditions, attributes, segments, js } of vectors.audience_conditions.cases) {
    check(`audience ${text(conditions)} of ${text(attributes)}`, await truth(sdk, conditions, attributes, segments), js);
  }
  for (const { condition, attribute, js_cmp: order } of vectors.semver.cases) {
    for (const [match, holds] of Object.entries(ORDERS)) {
      const leaf = { type: 'custom_attribute', name: 'v', match: `semver_${match}`, value: condition };
      const want = order === null ? null : holds(order);
      check(`${text(attribute)} ${match} ${text(condition)}`, await truth(sdk, ['and', leaf], { v: attribute }, null), want);
    }
  }
  for (const { utf8_hex: hex, bucket } of vectors.hash_and_bucket.cases) check(`bucket of ${hex}`, await bucketOf(sdk, hex), bucket);
  for (const { type, value, js } of vectors.feature_variable_cast.cases) check(`${type} ${text(value)}`, await cast(sdk, type, value), valueOf(js));
  for (const { tags, js } of vectors.event_tags.cases) {
    const { revenue = null, value = null, tags: sent } = await conversion(sdk, tags);
    check(`tags ${text(tags)}`, { revenue, value, sent }, { revenue: js.revenue, value: js.value, sent: js.tags_sent });
  }
  for (const { in: id, out } of vectors.event_id_normalisation.variation_id) check(`variation id ${text(id)}`, await variationId(sdk, id), out);
  return result;
}

/** @type {Record<string, (order: number) => boolean>} */
const ORDERS = { eq: (o) => o === 0, gt: (o) => o > 0, ge: (o) => o >= 0, lt: (o) => o < 0, le: (o) => o <= 0 };

const CAMPAIGN_ACTIVATED = 'campaign_activated';

/** Compact JSON with sorted members, numbers that JSON lacks in words. @param {unknown} value @returns {string} */
function text(value) {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(text)}]`;
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value));
  return `{${Object.entries(value).filter(([, member]) => member !== undefined).sort().map(([name, member]) => `${JSON.stringify(name)}:${text(member)}`)}}`;
}

/** @param {any} written a value of the vectors */
function valueOf(written) {
  if (written?.$num !== undefined) return Number(written.$num);
  return written?.$ === 'undefined' ? undefined : written;
}

/**
 * @param {any} sdk
 * @param {object} datafile
 * @returns {Promise<{client: any, visitors: any[]}>} visitors are those of the events that are sent
 */
async function start(sdk, datafile) {
  /** @type {any[]} */
  const visitors = [];
  const eventDispatcher = {
    async dispatchEvent(/** @type {any} */ { params }) {
      visitors.push(...JSON.parse(JSON.stringify(params)).visitors);
      return { statusCode: 204 };
    },
  };
  const client = sdk.createInstance({
    projectConfigManager: sdk.createStaticProjectConfigManager({ datafile: JSON.stringify(datafile) }),
    eventProcessor: sdk.createForwardingEventProcessor(eventDispatcher),
  });
  await client.onReady();
  return { client, visitors };
}

/** @param {any} sdk @param {any} scenario @param {(name: string, got: unknown, want: unknown) => void} check */
async function checkDecision(sdk, { name, datafile, user_id: userId, attributes, keys, options, set_forced_variation: forced, forced_decisions: decisions, expected_js: expected }, check) {
  const { client, visitors } = await start(sdk, datafile);
  for (const { experimentKey, userId: id, variationKey } of forced ?? []) client.setForcedVariation(experimentKey, id, variationKey);
  const user = client.createUserContext(userId, {});
  for (const [key, value] of Object.entries(attributes)) user.setAttribute(key, valueOf(value));
  for (const { flagKey, ruleKey, variationKey } of decisions ?? []) user.setForcedDecision({ flagKey, ruleKey: ruleKey ?? undefined }, { variationKey });
  const answers = user.decideForKeys(keys, options);
  check(name, Object.fromEntries(Object.entries(answers).map(([key, { variationKey, enabled, ruleKey, variables, reasons }]) => [
    key, { variationKey, enabled, ruleKey, variables, reasons },
  ])), expected.decisions);
  check(`${name}, impressions`, visitors.map(({ snapshots: [{ decisions: [decision], events: [event] }] }) => {
    return { ...decision, entity_id: event.entity_id, key: event.key };
  }), expected.impressions.map((/** @type {any} */ impression) => ({ ...impression, key: CAMPAIGN_ACTIVATED })));
  await client.close();
}

/** A datafile of one flag that everyone gets, with changes. @param {any} [rule] @param {object} [more] */
function datafileOf(rule, more) {
  return {
    version: '4', revision: '1', accountId: '1', projectId: '2', attributes: [], groups: [], rollouts: [], audiences: [], typedAudiences: [],
    events: [{ id: '9', key: 'buy', experimentIds: [] }],
    experiments: [{
      id: '10', key: 'e', status: 'Running', layerId: '11', audienceIds: [], forcedVariations: {}, variations: [{ id: '12', key: 'on', featureEnabled: true }],
      trafficAllocation: [{ entityId: '12', endOfRange: 10000 }], ...rule,
    }],
    featureFlags: [{ id: '20', key: 'f', experimentIds: [rule?.id ?? '10'], rolloutId: '', variables: [] }],
    ...more,
  };
}

/**
 * What conditions come to: an unknown user is in neither of an audience and its opposite.
 * @param {any} sdk @param {unknown} conditions @param {Record<string, unknown>} attributes @param {string[] | null} segments
 */
async function truth(sdk, conditions, attributes, segments) {
  const answers = [];
  for (const tree of [conditions, ['not', conditions]]) {
    const { client } = await start(sdk, datafileOf({ audienceIds: ['5'] }, { typedAudiences: [{ id: '5', name: 'a', conditions: tree }] }));
    const user = client.createUserContext('u', {});
    for (const [key, value] of Object.entries(attributes)) user.setAttribute(key, valueOf(value));
    user.qualifiedSegments = segments;
    answers.push(user.decide('f', ['DISABLE_DECISION_EVENT']).enabled);
    await client.close();
  }
  return answers[0] ? true : answers[1] ? false : null;
}

/** The bucket of the bytes that a user's id and an experiment's give together, read from the reasons. @param {any} sdk @param {string} hex */
async function bucketOf(sdk, hex) {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  const { client } = await start(sdk, datafileOf({ id: '' }));
  const { reasons } = client.createUserContext(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)).decide('f', ['INCLUDE_REASONS', 'DISABLE_DECISION_EVENT']);
  await client.close();
  return Number(/^Assigned bucket (\d+) /.exec(reasons.find((/** @type {string} */ reason) => reason.startsWith('Assigned')))?.[1]);
}

/** @param {any} sdk @param {string} type @param {string} value */
async function cast(sdk, type, value) {
  const { client } = await start(sdk, datafileOf({}, {
    featureFlags: [{ id: '20', key: 'f', experimentIds: [], rolloutId: '', variables: [{ id: '1', key: 'v', type, defaultValue: value }] }],
  }));
  const { variables } = client.createUserContext('u').decide('f');
  await client.close();
  return variables.v;
}

/** @param {any} sdk @param {Record<string, unknown>} tags */
async function conversion(sdk, tags) {
  const { client, visitors } = await start(sdk, datafileOf());
  client.track('buy', 'u', {}, Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, valueOf(value)])));
  await client.close();
  return visitors[0].snapshots[0].events[0];
}

/** @param {any} sdk @param {string} id */
async function variationId(sdk, id) {
  const { client, visitors } = await start(sdk, datafileOf({ variations: [{ id: '12', key: 'other' }, { id, key: 'on' }], forcedVariations: { u: 'on' } }));
  client.activate('e', 'u');
  await client.close();
  return visitors[0].snapshots[0].decisions[0].variation_id;
}
