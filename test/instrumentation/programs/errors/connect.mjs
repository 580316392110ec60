import { createServer } from 'node:http';
import connect from 'connect';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

const app = connect();
app.use(function first(_request, _response, next) {
  next();
});
app.use((request, _response, next) => {
  next(request.url.startsWith('/layer-next/') ? thrown(request.url) : undefined);
});
app.use((request, _response, next) => {
  if (request.url.startsWith('/layer-throw/')) throw thrown(request.url);
  next();
});
app.use('/use-next', (request, _response, next) => next(thrown(request.originalUrl)));
app.use('/use-throw', (request) => {
  throw thrown(request.originalUrl);
});
const inner = connect();
inner.use((request, _response, next) => next(thrown(request.originalUrl)));
app.use('/nested', inner);
if (!isPlain) {
  app.use(function onError(_error, request, response, _next) {
    response.statusCode = statusOf(request.originalUrl);
    response.end();
  });
}
const server = createServer(app).listen(0, '127.0.0.1', () => listening(server));
