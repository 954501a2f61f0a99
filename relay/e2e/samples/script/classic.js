var relay = { relayUrl: 'https://relay.example', sdkKey: 'demo' };
var client = sortition.createInstance({
  projectConfigManager: sortition.createRelayProjectConfigManager(relay),
  eventProcessor: sortition.createRelayEventProcessor(relay),
});

client.onReady().catch(function (error) {
  document.querySelector('[role=alert]').textContent = error.message; // and the calls below give their defaults
}).then(function () {
  document.querySelector('output').textContent = client.activate('item-sort', 'Matt') || 'our own order';
  client.track('item_purchase', 'Matt', {}, { revenue: 5400 });
});
