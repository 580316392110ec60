// Replaces what the tests of an app replace, serves requests meanwhile, and prints what the fakes saw.
// Argument: the kind of fakes.
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { mock } from 'node:test';

const print = (...values) => console.log(JSON.stringify(values));
const server = http.createServer((_request, response) => response.end('ok'));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

/** Makes a request without a promise of a timer. */
async function get() {
  const [response] = await once(http.get({ port, agent: false }), 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];

const FAKES = {
  async 'the timers of node:test'() {
    mock.timers.enable({ apis: [...TIMERS, 'Date'], now: 5_000 });
    let runs = 0;
    setTimeout(() => {
      runs += 1;
    }, 10);
    print(await get(), runs);
    mock.timers.tick(10);
    print(await get(), runs, Date.now());
    mock.timers.runAll();
    print(runs, Date.now());
    mock.timers.reset();
  },
  async 'timers and clocks that count'() {
    const real = { ...globalThis, Date, performance, nextTick: process.nextTick };
    const calls = {};
    const counts = (name, result) => () => {
      calls[name] = (calls[name] ?? 0) + 1;
      return result;
    };
    for (const name of TIMERS) globalThis[name] = counts(name, { unref() {}, ref() {} });
    globalThis.queueMicrotask = counts('queueMicrotask');
    Date.now = counts('Date.now', 0);
    Object.defineProperty(globalThis, 'performance', {
      value: { now: counts('performance.now', 0), timeOrigin: 0 },
      configurable: true,
    });
    print(await get(), await get());
    await new Promise((resolve) => real.setTimeout(resolve, 150));
    print(calls);
  },
  async 'files that are mocks'() {
    const names = [
      'readFileSync',
      'openSync',
      'readSync',
      'writeSync',
      'readFile',
      'appendFileSync',
    ];
    // Node.js ends the process if it gets a buffer for the text of a module.
    for (const name of names) mock.method(fs, name, () => Buffer.from('mock'));
    mock.method(fs.promises, 'readFile', async () => 'mock');
    print(await get(), await get());
    print(
      names.map((name) => fs[name].mock.callCount()),
      fs.promises.readFile.mock.callCount(),
    );
    mock.restoreAll();
  },
  async 'globals that are missing'() {
    const names = [...TIMERS, 'clearTimeout', 'clearInterval', 'structuredClone', 'TextEncoder'];
    for (const name of [...names, 'queueMicrotask', 'performance', 'crypto', 'URL']) {
      Object.defineProperty(globalThis, name, { value: undefined });
    }
    print(await get(), await get());
  },
};

await FAKES[process.argv[2]]();
server.close();
