import restify from 'restify';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

const app = restify.createServer({
  log: { trace() {}, warn() {}, error() {}, info() {}, debug() {} },
});
app.pre((request, _response, next) => {
  next(request.url.startsWith('/pre-next/') ? thrown(request.url) : undefined);
});
app.use(function first(_request, _response, next) {
  next();
});
app.use((request, _response, next) => {
  next(request.url.startsWith('/use-next/') ? thrown(request.url) : undefined);
});
app.get('/use-next/*', (_request, response, next) => {
  response.send(200);
  next();
});
app.get('/route-next/*', (request, _response, next) => next(thrown(request.url)));
app.get('/route-reject/*', async (request) => {
  await null;
  throw thrown(request.url);
});
if (!isPlain) {
  app.on('restifyError', (request, response, _error, done) => {
    response.send(statusOf(request.url));
    done();
  });
}
app.listen(0, '127.0.0.1', () => listening(app.server));
