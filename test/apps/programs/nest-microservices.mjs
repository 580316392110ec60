import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { defer, lastValueFrom, map, mergeMap } from 'rxjs';

const host = '127.0.0.1';
const { TRANSPORT = 'TCP' } = process.env;
const OPTIONS = {
  TCP: () => ({ host, port: 0 }),
  REDIS: () => ({ host, port: Number(process.env.PORT_redis) }),
  RMQ: () => ({
    urls: [`amqp://${host}:${process.env.PORT_rabbitmq}`],
    queue: 'orders',
    queueOptions: { durable: false },
  }),
  NATS: () => ({ servers: [`${host}:${process.env.PORT_nats}`] }),
  MQTT: () => ({ url: `mqtt://${host}:${process.env.PORT_mosquitto}`, protocolVersion: 5 }),
};
const transport = Transport[TRANSPORT];

let client;
const noted = [];
const waiting = [];
function note(text) {
  noted.push(text);
  waiting.forEach((check) => {
    check();
  });
}
const stock = async () => {
  const response = await fetch(`http://${host}:${app.getHttpServer().address().port}/stock`);
  return Number(await response.text());
};

class Shop {
  stock() {
    return 3;
  }

  async ask(name) {
    const pattern = name === 'object' ? { role: 'stock', cmd: 'get' } : `orders.${name}`;
    const replied =
      name === 'list'
        ? mergeMap(async (value) => `reply ${value} of ${await stock()}`)
        : map((value) => `reply ${value}`);
    const reply = client.send(pattern, { id: 7 }).pipe(replied);
    return lastValueFrom(reply).catch((error) => `failed ${error.message ?? error}`);
  }

  async tell(name) {
    await lastValueFrom(client.emit(`order.${name}`, { id: 7 }), { defaultValue: undefined });
    const expected = name === 'paid' ? 2 : 1;
    await new Promise((resolve) => {
      const check = () => noted.length >= expected && resolve();
      waiting.push(check);
      check();
    });
    return noted.splice(0).sort().join();
  }
}

class Orders {
  async price({ id }) {
    return id * (await stock());
  }

  async get() {
    return 'by object';
  }

  list() {
    return defer(stock);
  }

  refused() {
    throw new RpcException('sold out');
  }

  broken(_data, context) {
    throw new TypeError(`no basket in ${context.constructor.name}`);
  }

  async mail({ id }) {
    await stock();
    note(`mailed ${id}`);
  }

  async ship({ id }) {
    note(`shipped ${id}`);
  }

  async lost() {
    note('lost');
    throw new RangeError('no address');
  }
}
class App {}

// What TypeScript makes of decorators.
function decorate({ prototype }, name, ...decorators) {
  Reflect.decorate(decorators, prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
decorate(Shop, 'stock', Get('stock'));
decorate(Shop, 'ask', Get('ask/:name'));
decorate(Shop, 'tell', Get('tell/:name'));
for (const name of ['ask', 'tell']) Param('name')(Shop.prototype, name, 0);
for (const name of ['price', 'list', 'refused', 'broken']) {
  decorate(Orders, name, MessagePattern(`orders.${name}`));
}
decorate(Orders, 'get', MessagePattern({ cmd: 'get', role: 'stock' }));
for (const [name, event] of [
  ['mail', 'paid'],
  ['ship', 'paid'],
  ['lost', 'lost'],
]) {
  decorate(Orders, name, EventPattern(`order.${event}`));
}
for (const name of ['price', 'broken', 'mail', 'ship']) {
  Payload()(Orders.prototype, name, 0);
}
Ctx()(Orders.prototype, 'broken', 1);
Reflect.decorate([Controller()], Shop);
Reflect.decorate([Controller()], Orders);
Reflect.decorate([Module({ controllers: [Shop, Orders] })], App);

const app = await NestFactory.create(App, { logger: false });
const options = OPTIONS[TRANSPORT]();
const service = app.connectMicroservice({ transport, options });
await app.startAllMicroservices();
if (TRANSPORT === 'TCP') options.port = service.unwrap().address().port;
client = ClientProxyFactory.create({ transport, options });
await client.connect();
await app.listen(0, host);
console.log(`port ${app.getHttpServer().address().port}`);
