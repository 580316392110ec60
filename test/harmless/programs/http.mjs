// Sends requests in many forms, and prints what the server got and what the app sees.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { pipeline } from 'node:stream/promises';

const TRACE = /^(?:traceparent|tracestate|baggage|x-amzn-trace-id)$/;
const print = (value) => console.log(JSON.stringify(value));

const server = http.createServer((request, response) => {
  const names = request.rawHeaders.filter((_text, index) => index % 2 === 0);
  const headers = Object.entries(request.headers).filter(
    ([name]) => !TRACE.test(name) && name !== 'host',
  );
  request.resume().on('end', () => {
    response.setHeader('x-own', '1');
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers,
        count: names.filter((name) => !TRACE.test(name.toLowerCase())).length,
      }),
    );
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const url = `http://127.0.0.1:${port}`;

const text = async (response) => {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return body;
};
/** Sends a request and prints the answer; `make` gets the callback. */
async function send(make) {
  const response = await new Promise((resolve, reject) => {
    make(resolve).on('error', reject).end();
  });
  print({ status: response.statusCode, body: JSON.parse(await text(response)) });
}
async function attempt(name, run) {
  print(name);
  try {
    await run();
  } catch (error) {
    print({ name: error.name, code: error.code, message: error.message.replaceAll(port, 'PORT') });
  }
}

const options = { host: '127.0.0.1', port, path: '/p' };
await attempt('text', () => send((done) => http.request(`${url}/text`, done)));
await attempt('URL', () => send((done) => http.request(new URL(`${url}/url`), done)));
await attempt('URL and options', () =>
  send((done) => http.request(url, { path: '/both', headers: { a: '1' } }, done)),
);
await attempt('frozen options', () =>
  send((done) =>
    http.request(Object.freeze({ ...options, headers: Object.freeze({ a: '1' }) }), done),
  ),
);
await attempt('options without a prototype', () =>
  send((done) => http.request(Object.assign(Object.create(null), options), done)),
);
await attempt('flat header array', () =>
  send((done) =>
    http.request({ ...options, headers: ['x-a', '1', 'x-b', '2', 'host', 'h'] }, done),
  ),
);
await attempt('nested header array', () =>
  send((done) =>
    http.request(
      {
        ...options,
        headers: [
          ['x-a', '1'],
          ['x-a', '2'],
          ['host', 'h'],
        ],
      },
      done,
    ),
  ),
);
await attempt('options keep their content', async () => {
  const own = { ...options, headers: { a: '1' } };
  const before = JSON.stringify(own);
  await send((done) => http.get(own, done));
  print(JSON.stringify(own) === before);
});
await attempt('invalid URL', () => send((done) => http.get('http://[', done)));
await attempt('invalid protocol', () => send((done) => http.get('https://127.0.0.1', done)));
await attempt('invalid header', () =>
  send((done) => http.get(url, { headers: { a: '\n' } }, done)),
);
await attempt('no arguments', () => send(() => http.get()));
await attempt('null', () => send(() => http.get(null)));
await attempt('number', () => send(() => http.get(42)));
await attempt('refused', () => send((done) => http.get('http://127.0.0.1:1', done)));
await attempt('refused https', () => send((done) => https.get('https://127.0.0.1:1', done)));
await attempt('destroyed', async () => {
  const request = http.get(url);
  request.destroy(new RangeError('of the app'));
  await once(request, 'response');
});
await attempt('aborted', async () => {
  const controller = new AbortController();
  const request = http.get(url, { signal: controller.signal });
  controller.abort();
  await once(request, 'response');
});
await attempt('timeout', async () => {
  const silent = net.createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const request = http.get({ port: silent.address().port, host: '127.0.0.1', timeout: 20 });
  await once(request, 'timeout');
  request.destroy();
  await once(request, 'error').catch(() => {});
  silent.close();
});
await attempt('nobody reads the answer', async () => {
  const request = http.get(url);
  await once(request, 'close');
  print('closed');
});
await attempt('the return values', () => {
  const request = http.request(url);
  print({
    request: request instanceof http.ClientRequest,
    chain: request.on('error', () => {}) === request,
    end: request.end() === request,
  });
});
await attempt('the functions', () => {
  print(
    [http.request, http.get, http.createServer, https.get].map(({ name, length }) => ({
      name,
      length,
    })),
  );
});
await attempt('upload', async () => {
  const request = http.request(url, { method: 'POST' });
  const answered = once(request, 'response');
  await pipeline(async function* () {
    yield 'a';
    yield 'b';
  }, request);
  print(await text((await answered)[0]));
});
await attempt('fetch', async () => {
  const response = await fetch(`${url}/fetch`, { method: 'POST', body: 'x', headers: { a: '1' } });
  print({
    status: response.status,
    own: response.headers.get('x-own'),
    body: await response.json(),
  });
});
await attempt('fetch of a request', async () => {
  const request = new Request(`${url}/request`, { headers: Object.freeze([['a', '1']]) });
  print(await (await fetch(request)).json());
  print([...request.headers]);
});
await attempt('fetch that is refused', () => fetch('http://127.0.0.1:1'));
await attempt('fetch that is aborted', () => fetch(url, { signal: AbortSignal.abort() }));
await attempt('fetch of no URL', () => fetch('no url'));
server.closeAllConnections();
server.close();
