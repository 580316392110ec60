import restify from 'restify';

const server = restify.createServer();
server.use(restify.plugins.queryParser());
server.get('/shop/orders/:id', (request, response, next) => {
  response.send({ id: request.params.id });
  next();
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
