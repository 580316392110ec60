import { createServer } from 'node:http';
import { Piscina } from 'piscina';

const pool = new Piscina({ filename: new URL('resize.mjs', import.meta.url).href, maxThreads: 2 });
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const task = { name: request.url.slice(1), port: server.address().port };
  const options = task.name === 'named' ? { name: 'rotate' } : {};
  response.end(await pool.run(task, options).catch((error) => error.message));
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
