import 'reflect-metadata';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, GrpcMethod, RpcException, Transport } from '@nestjs/microservices';
import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';

const host = '127.0.0.1';
const stock = async () => {
  const response = await fetch(`http://${host}:${app.getHttpServer().address().port}/stock`);
  return Number(await response.text());
};

/** Values that are calculated at the same time may arrive in any order. */
const sorted = (replies) => replies.sort((a, b) => a.value - b.value);

class Shop {
  stock() {
    return 3;
  }

  async ask(name) {
    const replies = orders[name]({ id: 7 }).pipe(toArray(), map(sorted));
    const answers = await lastValueFrom(replies).catch(({ code, details }) => ({ code, details }));
    return { answers };
  }
}

class Orders {
  async price({ id }) {
    return { value: id * (await stock()) };
  }

  list() {
    return from([1, 2]).pipe(mergeMap(async (value) => ({ value: value * (await stock()) })));
  }

  refused() {
    throw new RpcException({ code: 9, message: 'sold out' });
  }

  async broken() {
    throw new TypeError('no basket');
  }
}
class App {}

// What TypeScript makes of decorators.
function decorate({ prototype }, name, ...decorators) {
  Reflect.decorate(decorators, prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
decorate(Shop, 'stock', Get('stock'));
decorate(Shop, 'ask', Get('ask/:name'));
Param('name')(Shop.prototype, 'ask', 0);
for (const [name, method] of Object.entries({
  price: 'Price',
  list: 'List',
  refused: 'Refused',
  broken: 'Broken',
})) {
  decorate(Orders, name, GrpcMethod('Orders', method));
}
Reflect.decorate([Controller()], Shop);
Reflect.decorate([Controller()], Orders);
Reflect.decorate([Module({ controllers: [Shop, Orders] })], App);

// The server does not tell which port it took.
const probe = createServer();
await new Promise((resolve) => probe.listen(0, host, resolve));
const { port } = probe.address();
await new Promise((resolve) => probe.close(resolve));

const app = await NestFactory.create(App, { logger: false });
const options = {
  package: 'shop',
  protoPath: join(import.meta.dirname, 'nest-grpc.proto'),
  url: `${host}:${port}`,
};
app.connectMicroservice({ transport: Transport.GRPC, options });
await app.startAllMicroservices();
const client = ClientProxyFactory.create({ transport: Transport.GRPC, options });
const orders = client.getService('Orders');
await app.listen(0, host);
console.log(`port ${app.getHttpServer().address().port}`);
