import { App } from '@tinyhttp/app';

const shop = new App().get('/:name', (request, response) => response.end(request.params.name));
const server = new App({
  onError: ({ code = 500 }, _request, response) => response.status(code).end(),
})
  .use(function guard(request, _response, next) {
    const refused = Object.assign(new Error('not signed in'), { code: 401 });
    next(request.url === '/private' ? refused : undefined);
  })
  .use('/shop', shop)
  .get('/orders/:id', async (request, response) => {
    const stock = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    response.end(`${request.params.id} of ${await stock.text()}`);
  })
  .all('/stock', (_request, response) => response.end('3'))
  .get('/broken', async () => {
    throw new TypeError('no basket');
  })
  .listen(0, () => console.log(`port ${server.address().port}`), '127.0.0.1');
