import { createServer } from 'node:http';
import { trace } from '@opentelemetry/api';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

const http = createServer();
const server = new Server(http);
server.on('connection', (socket) => {
  socket.on('order', (_text, answer) => {
    trace.getTracer('app').startSpan('pack').end();
    answer('packed');
  });
});
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
const client = io(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
console.log(await client.emitWithAck('order', 'secret'));
await trace.getTracer('app').startActiveSpan('news', async (span) => {
  const heard = new Promise((resolve) => client.once('news', resolve));
  server.emit('news', 'secret');
  console.log((await heard).length);
  span.end();
});
client.close();
await server.close();
