// Ends in the way that its argument names, while two requests are open.
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import express from 'express';

const way = isMainThread ? process.argv[2] : workerData;

class Broken extends Error {
  name = 'Broken';
}
const broken = () => {
  throw new Broken('on purpose');
};

const ends = {
  'a throw': broken,
  'a rejection': async () => {
    await new Promise(setImmediate);
    broken();
  },
  'a timer': () => setTimeout(broken, 1),
  'an event': () => setImmediate(() => new EventEmitter().emit('error', new Broken('on purpose'))),
  'a timer, with a listener that exits': () => {
    process.on('uncaughtException', () => process.exit(3));
    setTimeout(broken, 1);
  },
  'a timer, with a listener that goes on': (_request, response) => {
    process.once('uncaughtException', () => {
      response.end();
      response.on('close', () => setImmediate(() => process.exit(0)));
    });
    setTimeout(broken, 1);
  },
  exit: () => process.exit(4),
  SIGTERM: () => process.kill(process.pid, 'SIGTERM'),
};

const app = express();
app.get('/slow', () => http.get({ port, path: '/crash/7' }).on('error', () => {}));
app.get('/crash/:id', ends[way.replace(' in a worker', '')]);

let port;
if (isMainThread && way.endsWith('in a worker')) {
  const worker = new Worker(new URL(import.meta.url), { workerData: way });
  worker.on('error', ({ name }) => console.log(name));
  worker.on('exit', (code) => console.log(code));
} else {
  // Express 5 handles what its handlers throw.
  const server = http.createServer((request, response) => {
    if (request.url === '/crash/7' && /^a (?:throw|rejection)/.test(way)) {
      return ends[way.replace(' in a worker', '')](request, response);
    }
    app(request, response);
  });
  server.listen(0, '127.0.0.1', () => {
    port = server.address().port;
    http.get({ port, path: '/slow' }).on('error', () => {});
  });
}
