// Renders what was decided, so that a page shows it before it has loaded anything; decisions are those that the page would make.
import { createServer } from 'node:http';
import { createInstance, createPollingProjectConfigManager } from 'sortition-sdk';

const client = createInstance({
  projectConfigManager: createPollingProjectConfigManager({ sdkKey: 'demo', urlTemplate: 'https://relay.example/datafiles/%s.json', updateInterval: 30_000 }),
});
await client.onReady();

const server = createServer((request, response) => {
  const visitor = new URL(request.url, 'http://localhost').searchParams.get('visitor') ?? 'anonymous';
  const sort = client.getVariation('item-sort', visitor) ?? 'our own order';
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>Shop</title><p>Sorted by <output>${sort}</output>.`); // the page sends the impression
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
