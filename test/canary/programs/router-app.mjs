import { createServer } from 'node:http';
import Router from 'router';

const router = Router();
router.use(function logger(_request, _response, next) {
  next();
});
router.get('/shop/orders/:id', (request, response) => response.end(request.params.id));
const server = createServer((request, response) => router(request, response, () => {}));
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
