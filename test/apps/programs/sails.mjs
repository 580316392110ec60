import sails from 'sails';

const app = new sails.constructor();
const routes = {
  'GET /orders/:id': async (request, response) => {
    const stock = await fetch(`http://127.0.0.1:${app.hooks.http.server.address().port}/stock`);
    response.send(`${request.params.id} of ${await stock.text()}`);
  },
  '/stock': (_request, response) => response.send('3'),
  'GET /broken': async () => {
    throw new TypeError('no basket');
  },
  'GET /refused': (_request, response) => response.badRequest(new RangeError('not in stock')),
};
app.lift(
  {
    explicitHost: '127.0.0.1',
    port: 0,
    globals: false,
    hooks: { session: false },
    log: { level: 'silent' },
    routes,
  },
  (error) => console.log(error ?? `port ${app.hooks.http.server.address().port}`),
);
