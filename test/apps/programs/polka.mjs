import polka from 'polka';

const shop = polka().get('/:name', (request, response) => response.end(request.params.name));
const { server } = polka()
  .use(function guard(request, _response, next) {
    const refused = Object.assign(new Error('not signed in'), { code: 401 });
    next(request.path === '/private' ? refused : undefined);
  })
  .use('/shop', shop)
  .get('/orders/:id', async (request, response) => {
    const stock = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    response.end(`${request.params.id} of ${await stock.text()}`);
  })
  .get('/stock', (_request, response) => response.end('3'))
  .get('/broken', (_request, _response, next) => next(new TypeError('no basket')))
  .listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
