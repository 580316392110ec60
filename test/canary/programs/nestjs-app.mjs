import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class Orders {
  one(id) {
    if (id === '0') throw new TypeError('no such order');
    return { id };
  }
}
// Decorators, written as the calls that TypeScript makes of them.
Param('id')(Orders.prototype, 'one', 0);
Get('orders/:id')(
  Orders.prototype,
  'one',
  Object.getOwnPropertyDescriptor(Orders.prototype, 'one'),
);
Controller('shop')(Orders);
class App {}
Module({ controllers: [Orders] })(App);

const app = await NestFactory.create(App, { logger: false });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();
for (const id of [7, 0]) await (await fetch(`http://127.0.0.1:${port}/shop/orders/${id}`)).text();
await app.close();
