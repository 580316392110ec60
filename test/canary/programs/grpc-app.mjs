import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';

const asIs = { requestSerialize: (value) => value, requestDeserialize: (value) => value };
const method = (name) => ({
  ...asIs,
  path: `/shop.Orders/${name}`,
  requestStream: false,
  responseStream: false,
  responseSerialize: (value) => value,
  responseDeserialize: (value) => value,
});
const service = { get: method('Get'), fail: method('Fail') };
const server = new Server();
server.addService(service, {
  get: (_call, answer) => answer(null, Buffer.from('order')),
  fail: (_call, answer) => answer({ code: status.NOT_FOUND, details: 'no such order' }),
});
const port = await new Promise((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
const Client = makeGenericClientConstructor(service, 'Orders');
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
const call = (name) =>
  new Promise((resolve) =>
    client[name](Buffer.from('secret'), (error, value) => resolve(error?.details ?? `${value}`)),
  );
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  console.log(await call('get'));
  console.log(await call('fail'));
  span.end();
});
client.close();
server.forceShutdown();
