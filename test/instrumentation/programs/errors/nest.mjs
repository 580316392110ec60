import 'reflect-metadata';
import { Catch, Controller, Get, Module, Req, UseGuards, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

// What TypeScript makes of decorators.
function decorate(target, name, ...decorators) {
  Reflect.decorate(decorators, target, name, Object.getOwnPropertyDescriptor(target, name));
}

class Guard {
  canActivate(context) {
    throw thrown(context.switchToHttp().getRequest().originalUrl);
  }
}

class Interceptor {
  async intercept(context) {
    throw thrown(context.switchToHttp().getRequest().originalUrl);
  }
}

class Routes {
  throws(request) {
    throw thrown(request.originalUrl);
  }

  async rejects(request) {
    await null;
    throw thrown(request.originalUrl);
  }

  guarded() {}

  intercepted() {}
}
decorate(Routes.prototype, 'throws', Get('route-throw/*rest'));
decorate(Routes.prototype, 'rejects', Get('route-reject/*rest'));
decorate(Routes.prototype, 'guarded', Get('guard/*rest'), UseGuards(Guard));
decorate(Routes.prototype, 'intercepted', Get('interceptor/*rest'), UseInterceptors(Interceptor));
Req()(Routes.prototype, 'throws', 0);
Req()(Routes.prototype, 'rejects', 0);
Reflect.decorate([Controller()], Routes);

class App {
  configure(consumer) {
    consumer
      .apply((request, _response, next) => next(thrown(request.originalUrl)))
      .forRoutes('use-next/*rest')
      .apply((request) => {
        throw thrown(request.originalUrl);
      })
      .forRoutes('use-throw/*rest');
  }
}
Reflect.decorate([Module({ controllers: [Routes] })], App);

class Filter {
  catch(_error, host) {
    const http = host.switchToHttp();
    http.getResponse().status(statusOf(http.getRequest().originalUrl)).end();
  }
}
Reflect.decorate([Catch()], Filter);

const app = await NestFactory.create(App, { logger: false });
if (!isPlain) app.useGlobalFilters(new Filter());
await app.listen(0, '127.0.0.1');
listening(app.getHttpServer());
