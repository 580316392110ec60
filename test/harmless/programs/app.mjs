// A small service that does what services do, and prints what it sees. For unusual surroundings.
import { AsyncLocalStorage } from 'node:async_hooks';
import dns from 'node:dns/promises';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';

const print = (value) => console.log(JSON.stringify(value));
const storage = new AsyncLocalStorage();
const server = http.createServer((request, response) => {
  storage.run(request.url, async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (storage.getStore() === '/fail') {
      response.statusCode = 500;
      response.end('no');
    } else response.end(`at ${storage.getStore()}`);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
for (const path of ['/a', '/b', '/fail']) {
  const response = await fetch(url + path);
  print([response.status, await response.text()]);
}
const [plain] = await once(http.get(`${url}/get`), 'response');
print(plain.statusCode);
plain.resume();
await once(plain, 'end');

const h2 = http2.createServer((_request, response) => response.end('h2')).listen(0, '127.0.0.1');
await once(h2, 'listening');
const session = http2.connect(`http://127.0.0.1:${h2.address().port}`);
let body = '';
const stream = session.request({ ':path': '/' });
stream.setEncoding('utf8').on('data', (data) => {
  body += data;
});
await once(stream, 'end');
print(body);
session.close();
h2.close();

print(vm.runInNewContext('[1, 2].map((n) => n * 2).join()'));
print(gzipSync('x'.repeat(100)).length < 100);
print((await dns.lookup('127.0.0.1')).address);
print(fs.existsSync('/'));
server.closeAllConnections();
server.close();
