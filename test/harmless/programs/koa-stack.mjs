// Prints how many functions of the app are in the stack of an error in the third middleware.
import http from 'node:http';
import Koa from 'koa';

const app = new Koa();
app.silent = true;
app.on('error', ({ stack }) => console.log(stack.match(/koa-stack/g).length));
app.use((_context, next) => next());
app.use((_context, next) => next());
app.use(() => {
  throw new Error('on purpose');
});
const server = http.createServer(app.callback()).listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  http.get({ host: '127.0.0.1', port, agent: false }, (response) => {
    response.resume().on('end', () => server.close());
  });
});
