/**
 * Decides once, as soon as may be.
 * @param {any} sdk
 * @returns {Promise<number>} when: milliseconds since the navigation began
 */
export async function decide(sdk) {
  const [datafile] = await Promise.all([fetch('medium.json').then((response) => response.text()), sdk.ready]);
  const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }) });
  await client.onReady();
  const attributes = { country: 'NO', age: 42, app_version: '2.4.1', plan: 'pro plan' };
  const { variationKey } = client.createUserContext('visitor_000001', attributes).decide('measured_flag', ['DISABLE_DECISION_EVENT']);
  if (variationKey === null) throw new Error('no decision');
  return performance.now();
}
