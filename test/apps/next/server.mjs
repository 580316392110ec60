// A custom server: Express answers some requests itself and passes the others to Next.js.
import { createServer } from 'node:http';
import express from 'express';
import next from 'next';

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
process.env.PORT = port;

const app = next({ dev: false, hostname: '127.0.0.1', port });
await app.prepare();
const routes = express();
routes.get('/own/:id', (request, response) => response.json(request.params));
routes.all('/{*rest}', (request, response) => app.getRequestHandler()(request, response));
server.on('request', routes);
console.log(`- Local: http://127.0.0.1:${port}`);
