// An application for the official SDK; nothing here knows of ours. What it learns stands on the page.
import {
  createBatchEventProcessor, createInstance, createPollingProjectConfigManager, NOTIFICATION_TYPES, OptimizelyDecideOption,
} from '@optimizely/optimizely-sdk';

const relay = 'https://relay.example';

const client = createInstance({
  projectConfigManager: createPollingProjectConfigManager({ sdkKey: 'demo', urlTemplate: `${relay}/datafiles/%s.json` }),
  eventProcessor: createBatchEventProcessor({
    flushInterval: 100,
    eventDispatcher: {
      async dispatchEvent({ params }) {
        const { status } = await fetch(`${relay}/v1/events`, { method: 'POST', body: JSON.stringify(params) });
        return { statusCode: status };
      },
    },
  }),
});

const learnt = [];
client.notificationCenter.addNotificationListener(NOTIFICATION_TYPES.DECISION, ({ type, userId, decisionInfo }) => learnt.push({ type, userId, decisionInfo }));
client.notificationCenter.addNotificationListener(NOTIFICATION_TYPES.TRACK, ({ eventKey, eventTags }) => learnt.push({ eventKey, eventTags }));

client.onReady().then(() => {
  for (const visitor of ['Matt', 'Joe', 'Ann', 'Eve', 'Tim']) {
    learnt.push(client.activate('item-sort', visitor, { device: 'phone' }));
    client.track('item_purchase', visitor, { device: 'phone' }, { revenue: 5400 });
  }
  const user = client.createUserContext('Matt', { device: 'phone' });
  const { userContext, ...decision } = user.decide('no_such_flag', [OptimizelyDecideOption.INCLUDE_REASONS]);
  learnt.push(decision, userContext.getAttributes(), user.decideAll(), client.getOptimizelyConfig());
  document.querySelector('output').textContent = JSON.stringify(learnt);
});
