// Ends by an error that is thrown in the way its argument names.
import dns from 'node:dns';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';

const error = () => new Error('on purpose');
const listen = (handler) => {
  const server = http.createServer(handler).listen(0, () => {
    http.get({ port: server.address().port }).on('error', () => {});
  });
};

const WAYS = {
  'in a request handler': () =>
    listen(() => {
      throw error();
    }),
  'in an async request handler': () =>
    listen(async () => {
      throw error();
    }),
  'in a response handler': () => {
    const server = http
      .createServer((_request, response) => response.end('ok'))
      .listen(0, () => {
        http.get({ port: server.address().port }, () => {
          throw error();
        });
      });
  },
  'in a listener of a request': () => {
    const server = http
      .createServer((request) => {
        request.on('data', () => {
          throw error();
        });
      })
      .listen(0, () => {
        const { port } = server.address();
        http
          .request({ port, method: 'POST' })
          .on('error', () => {})
          .end('body');
      });
  },
  'in a timer': () =>
    setTimeout(() => {
      throw error();
    }),
  'by an emitter without a listener': () => new EventEmitter().emit('error', error()),
  'as an invalid URL of a request': () => http.get('http://[invalid'),
  'in a callback': () =>
    dns.lookup('127.0.0.1', () => {
      throw error();
    }),
  'that a callback got': () =>
    fs.readFile('/missing', (failure) => {
      if (failure) throw failure;
    }),
  'as a rejection': () => Promise.reject(error()),
  'as something that is no error': () =>
    listen(() => {
      throw { no: 'error' };
    }),
};

WAYS[process.argv[2]]();
