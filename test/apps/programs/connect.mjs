import { createServer } from 'node:http';
import connect from 'connect';

const app = connect();
app.use(function logger(_request, _response, next) {
  next();
});
app.use('/orders', async (_request, response) => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  response.end('order');
});
app.use('/stock', (_request, response) => response.end('3'));
app.use('/broken', () => {
  throw new TypeError('no basket');
});
app.use(function onError(_error, _request, response, _next) {
  response.statusCode = 500;
  response.end('failed');
});
const server = createServer(app).listen(0, '127.0.0.1', () => {
  console.log(`port ${server.address().port}`);
});
