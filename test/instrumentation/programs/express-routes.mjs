// Routes and middleware of all forms; runs with Express 4 and 5.
import { getRequestListener } from '@hono/node-server';
import { Router } from '@koa/router';
import connect from 'connect';
import express from 'express';
import { Hono } from 'hono';
import Koa from 'koa';

const isOld = express.application.del !== undefined;
const any = isOld ? '*' : '/{*rest}';
const answer = (_request, response) => response.json({});
const pass = (_request, _response, next) => next();

const app = express();
// Functions of apps have any name, also those of Express.
app.use(function handle(_request, _response, next) {
  next();
});
app.use('/', function dispatch(_request, _response, next) {
  next();
});
app.use([pass, pass]);
// As the hooks of Sails: a route for all requests before others is middleware.
app.all(any, pass);

app.get('/', answer);
app.get('/orders/:id', answer);
app.head('/only-head', answer);
app.post('/posted/:id', answer);
app.route('/chained/:id').get(answer).post(answer);
app.get(['/list', '/of/paths'], answer);
app.get(/^\/pattern\/\d+$/, answer);
app.all('/all/:id', answer);

// A handler that loads something for the middleware that answers.
app.get('/loaded/:id', (_request, response, next) => {
  response.locals.isLoaded = true;
  next();
});
app.get('/skipped/:id', (_request, _response, next) => next('route'), answer);
app.get('/skipped/special', answer);
app.all('/several/:any', pass);
app.get('/several/:id', answer);
app.get('/fails/:id', () => {
  throw new Error('no order');
});
app.use('/refused', (_request, _response, next) => next(new Error('refused')));

const orders = express.Router();
orders.use(pass);
orders.get('/', answer);
orders.get('/:id', answer);
orders.get(['/a/b', '/c/d'], answer);
const other = express.Router().get('/other', answer);
const shop = express.Router({ mergeParams: true });
shop.use('/orders', orders);
shop.use('/first', pass, other, pass);
// Both are left again without an answer.
app.use('/api', express.Router().get('/none', answer));
app.use('/api/v1', express.Router().use('/deep', express.Router().use(pass)));
app.use('/api', shop);
app.use('/tenants/:tenant/', shop);
app.use(['/x', '/y'], shop);
app.use('/lazy', (request, response, next) => orders(request, response, next));
app.use('/lazy-twice', (request, response, next) => {
  other(request, response, () => orders(request, response, next));
});
app.use('/later', async (request, response, next) => {
  await null;
  orders(request, response, next);
});
const inner = express();
inner.use(pass);
inner.get('/orders/:id', answer);
app.use('/app', express().use('/inner', inner));
app.all('/by-route/:id', (request, response, next) => {
  express.Router().get('/by-route/:other', answer)(request, response, next);
});
// As Apollo Server is mounted.
app.use('/graphql', express.json(), (request, response, next) => {
  if (request.method === 'POST') response.json({});
  else next();
});
app.use('/mounted', express.Router().use('/', pass, answer));
app.use('/static', (_request, response) => response.json({}));
// Other frameworks, which see only the rest of the path.
const koa = new Koa().use(
  new Router()
    .get('/users/:id', (inside) => {
      inside.body = {};
    })
    .routes(),
);
const hono = new Hono().get('/users/:id', (inside) => inside.json({}));
app.use('/koa', koa.callback());
app.use('/shops/:shop/koa', koa.callback());
app.use(['/koa-a', '/koa-b'], koa.callback());
const nested = connect().use(
  '/v1',
  connect().use('/users', (_request, response) => response.end('{}')),
);
app.use('/shops/:shop/connect', nested);
app.use('/shops/:shop/hono', getRequestListener(hono.fetch));
app.use('/hono', express.Router().use('/v1', getRequestListener(hono.fetch)));
app.use('/caught', express.Router().get(any, answer));

// Answers what nobody else did, as json-server does.
app.use('/', function respond(_request, response, next) {
  if (response.locals.isLoaded) response.json({});
  else next();
});
app.use((_error, _request, response, _next) => response.status(500).json({}));

const server = app.listen(0, '127.0.0.1', () =>
  console.log(`listening on ${server.address().port}`),
);
