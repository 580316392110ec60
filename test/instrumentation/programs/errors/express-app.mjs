import express from 'express';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

/**
 * Express 4 does not handle the rejections of `use-reject` and `route-reject`.
 *
 * @param path status with an optional form, in the syntax of the router
 * @param rest any path, in the syntax of the router
 */
export function startExpress(path, rest) {
  const app = express();
  app.set('env', 'test');
  app.use(function first(_request, _response, next) {
    next();
  });
  app.use('/use-next', (request, _response, next) => next(thrown(request.originalUrl)));
  app.use('/use-later', (request, _response, next) => {
    setImmediate(() => next(thrown(request.originalUrl)));
  });
  app.use('/use-throw', (request) => {
    throw thrown(request.originalUrl);
  });
  app.use('/use-reject', async (request) => {
    await null;
    throw thrown(request.originalUrl);
  });
  const inner = express
    .Router()
    .use((request, _response, next) => next(thrown(request.originalUrl)));
  app.use('/nested', express.Router().use(inner));
  app.use(
    '/sub-app',
    express().use((request) => {
      throw thrown(request.originalUrl);
    }),
  );
  const withParam = express.Router();
  withParam.param('status', (request, _response, next) => next(thrown(request.originalUrl)));
  withParam.get(`/${path}`, (_request, response) => response.end());
  app.use('/param', withParam);
  app.get(`/route-next/${rest}`, (request, _response, next) => next(thrown(request.originalUrl)));
  app.get(`/route-throw/${rest}`, (request) => {
    throw thrown(request.originalUrl);
  });
  app.get(`/route-reject/${rest}`, async (request) => {
    throw thrown(request.originalUrl);
  });
  app.get(
    `/route-handled/${rest}`,
    (request, _response, next) => next(thrown(request.originalUrl)),
    (_error, request, response, _next) => response.sendStatus(statusOf(request.originalUrl)),
  );
  app.get(`/route-body/${rest}`, (request, _response, next) => next(thrown(request.originalUrl)));
  app.use('/route-body', (_error, _request, _response, next) => next({ error: 'no such order' }));
  const handling = express.Router();
  handling.use((request, _response, next) => next(thrown(request.originalUrl)));
  handling.use((_error, request, response, _next) => {
    response.sendStatus(statusOf(request.originalUrl));
  });
  app.use('/router-handled', handling);
  if (!isPlain) {
    app.use((_error, request, response, _next) =>
      response.sendStatus(statusOf(request.originalUrl)),
    );
  }
  const server = app.listen(0, '127.0.0.1', () => listening(server));
}
