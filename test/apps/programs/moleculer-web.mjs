import moleculer from 'moleculer';
import ApiGateway from 'moleculer-web';

const broker = new moleculer.ServiceBroker({ logger: false });
const aliases = { 'GET orders/:id': 'orders.one', 'GET broken': 'orders.broken' };
const gateway = broker.createService({
  name: 'api',
  mixins: [ApiGateway],
  settings: {
    ip: '127.0.0.1',
    port: 0,
    routes: [{ path: '/shop', aliases, mappingPolicy: 'all' }],
  },
});
broker.createService({
  name: 'orders',
  actions: {
    async one({ params }) {
      const { port } = gateway.server.address();
      const stock = await fetch(`http://127.0.0.1:${port}/shop/stock/count`);
      return { id: params.id, stock: await stock.json() };
    },
    broken() {
      throw new TypeError('no basket');
    },
  },
});
broker.createService({ name: 'stock', actions: { count: () => 3 } });
await broker.start();
console.log(`port ${gateway.server.address().port}`);
