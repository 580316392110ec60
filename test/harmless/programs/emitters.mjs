// Reads, adds and removes listeners of requests, responses, servers and the process, and uses agents,
// sockets and subclasses of its own.
import { EventEmitter, on, once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Readable } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

const print = (...values) => console.log(JSON.stringify(values));
const isOurs = (name) =>
  /^(?:exit|beforeExit|uncaughtExceptionMonitor|SIG(?:TERM|INT|HUP|QUIT))$/.test(name);
print(
  process.eventNames().filter((name) => !isOurs(String(name))),
  process.getMaxListeners(),
);
print(Error.stackTraceLimit, typeof Error.prepareStackTrace, Object.keys(globalThis));
print(Object.keys(process.env).filter((name) => !/^OTEL_|^_$/.test(name)));

async function answer(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part.length);
  response.end(JSON.stringify({ url: request.url, parts: parts.length > 0 }));
}
const listening = async (server, ...at) => {
  server.listen(...at);
  await once(server, 'listening');
  return server.address();
};
const server = http.createServer(answer);
const { port } = await listening(server, 0, '127.0.0.1');
const responseOf = async (request) => (await once(request, 'response'))[0];

// Listeners.
const listener = () => {};
const request = http.request({ port, agent: false });
request.on('close', listener).once('finish', listener).prependListener('close', listener);
print(request.listeners('finish').includes(listener), request.listeners('close')[0] === listener);
request.off('close', listener).off('close', listener).removeListener('finish', listener);
print(request.listeners('close').includes(listener), request.listenerCount('finish'));
request.removeAllListeners('close').removeAllListeners('error');
request.end();
const response = await responseOf(request);
response.removeAllListeners();
print(await json(response));
server.once('request', (incoming, outgoing) => {
  for (const message of [incoming, outgoing]) message.removeAllListeners('error');
  print(incoming.emit === EventEmitter.prototype.emit, server.listenerCount('request'));
});
print(await json(await responseOf(http.get({ port, path: '/once', agent: false }))));

// Streams.
const upload = http.request({ port, method: 'POST', agent: false });
const uploaded = responseOf(upload);
await pipeline(Readable.from(['a', 'b']), upload);
print(await json(await uploaded));
print(await text(Readable.toWeb(await responseOf(http.get({ port, agent: false })))));
const events = on(server, 'request');
const next = events.next();
http.get({ port, path: '/iterated', agent: false }).on('error', () => {});
print((await next).value[0].url);
await events.return();

// Agents, sockets and subclasses.
const dial = () => net.connect(port, '127.0.0.1');
const AGENTS = {
  returns: () => dial(),
  'calls back': (done) =>
    void dial().once('connect', function () {
      done(null, this);
    }),
  fails: (done) => void done(new Error('no connection')),
};
for (const [name, connect] of Object.entries(AGENTS)) {
  class Agent extends http.Agent {
    createConnection(_options, done) {
      return connect(done);
    }
  }
  const result = await responseOf(http.get({ port, agent: new Agent() })).catch((error) => error);
  print(name, result.statusCode ?? result.message);
  result.resume?.();
}
class Request extends http.ClientRequest {
  own = 1;
}
const own = new Request({ port, agent: false });
own.end();
(await responseOf(own)).resume();
print(own.own, own instanceof http.ClientRequest, own.constructor === Request);
class Server extends http.Server {
  emit(event, ...rest) {
    if (event === 'request') print('emit of the subclass', rest.length);
    return super.emit(event, ...rest);
  }
}
const subclass = new Server(answer);
const { port: at } = await listening(subclass, 0, '127.0.0.1');
print(await json(await responseOf(http.get({ port: at, path: '/subclass', agent: false }))));
subclass.close();
const local = http.createServer(answer);
const path = await listening(local, `\0harmless-${process.pid}`);
print(await json(await responseOf(http.get({ socketPath: path, path: '/local' }))));
local.closeAllConnections();
local.close();
server.closeAllConnections();
server.close();
