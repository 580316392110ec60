import 'reflect-metadata';
import {
  Controller,
  ForbiddenException,
  Get,
  Module,
  Param,
  ParseIntPipe,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class UserGuard {
  canActivate(context) {
    const { headers } = context.switchToHttp().getRequest();
    if (headers['x-user'] === 'none') throw new ForbiddenException('who are you');
    return true;
  }
}

class Timing {
  intercept(_context, next) {
    return next.handle();
  }
}

class Orders {
  async one(id) {
    await fetch(`http://127.0.0.1:${app.getHttpServer().address().port}/stock`);
    return { id };
  }

  stock() {
    return 3;
  }

  broken() {
    throw new TypeError('no basket');
  }
}

class App {}

// What TypeScript makes of decorators.
function decorate(target, name, ...decorators) {
  Reflect.decorate(decorators, target, name, Object.getOwnPropertyDescriptor(target, name));
}
decorate(Orders.prototype, 'one', Get('orders/:id'));
Param('id', ParseIntPipe)(Orders.prototype, 'one', 0);
decorate(Orders.prototype, 'stock', Get('stock'));
decorate(Orders.prototype, 'broken', Get('broken'));
Reflect.decorate([Controller(), UseGuards(UserGuard), UseInterceptors(Timing)], Orders);
Reflect.decorate([Module({ controllers: [Orders] })], App);

const app = await NestFactory.create(App, { logger: false });
await app.listen(0, '127.0.0.1');
console.log(`port ${app.getHttpServer().address().port}`);
