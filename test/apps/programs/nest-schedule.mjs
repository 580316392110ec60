import 'reflect-metadata';
import { createServer } from 'node:http';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cron, Interval, ScheduleModule, SchedulerRegistry, Timeout } from '@nestjs/schedule';
import { CronJob } from 'cron';

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const ran = { sweep: 0, poll: 0, warmUp: 0, broken: 0 };
let check = () => {};
function count(name) {
  ran[name] += 1;
  check();
}

class Carts {
  async sweep() {
    await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    count('sweep');
  }

  async poll() {
    clearInterval(registry.getInterval('poll'));
    count('poll');
  }

  warmUp() {
    count('warmUp');
  }

  async broken() {
    count('broken');
    throw new RangeError(`no carts in ${this.constructor.name}`);
  }
}
class App {}

// What TypeScript makes of decorators.
function decorate(name, decorator) {
  const { prototype } = Carts;
  Reflect.decorate([decorator], prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
decorate('sweep', Cron('0 0 1 1 *', { name: 'sweep', waitForCompletion: true }));
decorate('poll', Interval('poll', 200));
decorate('warmUp', Timeout(400));
decorate('broken', Timeout(600));
Reflect.decorate([Injectable()], Carts);
Reflect.decorate([Module({ imports: [ScheduleModule.forRoot()], providers: [Carts] })], App);

const errors = [];
const logger = { log() {}, warn() {}, error: (error) => errors.push(String(error)) };
const app = await NestFactory.createApplicationContext(App, { logger });
const registry = app.get(SchedulerRegistry);
const own = new CronJob('0 0 2 1 *', () => console.log('own job'));
registry.addCronJob('own', own);
await own.fireOnTick();
await registry.getCronJob('sweep').fireOnTick();
await new Promise((resolve) => {
  check = () => ran.poll > 0 && ran.broken > 0 && resolve();
  check();
});
await app.close();
console.log(ran, errors);
server.close();
