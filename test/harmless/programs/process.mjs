// Ends, or lives on, in the way its first argument names. The server is there to be traced.
import { fork, spawnSync } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const self = fileURLToPath(import.meta.url);
const print = (...values) => console.log(...values);

async function request() {
  const server = http
    .createServer((_request, response) => response.end('ok'))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${server.address().port}`);
  print(await response.text());
  server.closeAllConnections();
  server.close();
}
const keepAlive = () => setInterval(() => {}, 1_000);
const work = async (way) => {
  const worker = new Worker(self, { argv: [`in a worker: ${way}`], workerData: way });
  worker.on('error', (error) => print('error', error.message));
  print('exit', ...(await once(worker, 'exit').catch((error) => [error.message])));
};

const WAYS = {
  'natural end': request,
  'process.exit(7)': async () => {
    await request();
    process.exit(7);
  },
  'process.exit() at once': () => process.exit(0),
  'process.exit() at the end of a response': () => {
    const server = http.createServer((_request, response) => response.end('ok'));
    server.listen(0, '127.0.0.1', () => {
      http.get({ port: server.address().port }, (response) => {
        response.resume().on('end', () => process.exit(2));
      });
    });
  },
  'process.exitCode': async () => {
    process.exitCode = 9;
    await request();
  },
  'exit listeners': async () => {
    process.on('exit', (code) => {
      print('exit', code);
      process.exitCode = 4;
    });
    process.on('beforeExit', (code) => print('beforeExit', code));
    await request();
  },
  'work in beforeExit': async () => {
    let rounds = 0;
    process.on('beforeExit', () => {
      if (rounds++ < 3) setTimeout(() => print('round', rounds), 5);
    });
    await request();
  },
  'an await that never settles': async () => {
    await request();
    await new Promise(() => {});
  },
  SIGTERM: async () => {
    await request();
    keepAlive();
    process.kill(process.pid, 'SIGTERM');
  },
  SIGINT: async () => {
    await request();
    keepAlive();
    process.kill(process.pid, 'SIGINT');
  },
  SIGHUP: async () => {
    await request();
    keepAlive();
    process.kill(process.pid, 'SIGHUP');
  },
  SIGQUIT: async () => {
    await request();
    keepAlive();
    process.kill(process.pid, 'SIGQUIT');
  },
  'SIGTERM, sent again after a listener for one': async () => {
    await request();
    keepAlive();
    process.once('SIGTERM', (...args) => {
      print(...args);
      setTimeout(() => process.kill(process.pid, 15), 10);
    });
    process.kill(process.pid, 'SIGTERM');
  },
  'signals that the app emits itself': async () => {
    await request();
    process.emit('SIGINT');
    process.on('SIGTERM', (...args) => print('listener', ...args));
    process.emit('SIGTERM');
    process.emit('SIGTERM', 'SIGTERM');
    process.removeAllListeners('SIGTERM');
    keepAlive();
    setTimeout(() => process.kill(process.pid, 'SIGTERM'), 10);
  },
  'ten listeners of its own': async () => {
    // Node 20 has a listener for `exit` itself.
    const counts = { exit: 9, beforeExit: 10, SIGTERM: 10, SIGINT: 10, SIGHUP: 10 };
    for (const [event, count] of Object.entries(counts)) {
      for (let added = 0; added < count; added += 1) process.on(event, () => {});
    }
    print(process.getMaxListeners());
    await request();
  },
  SIGUSR2: async () => {
    await request();
    keepAlive();
    process.kill(process.pid, 'SIGUSR2');
  },
  'SIGTERM with a listener': async () => {
    await request();
    process.once('SIGTERM', (signal) => {
      print(signal);
      setTimeout(() => process.exit(3), 10);
    });
    keepAlive();
    process.kill(process.pid, 'SIGTERM');
  },
  'SIGHUP with a listener that goes on': async () => {
    await request();
    const timer = keepAlive();
    process.on('SIGHUP', () => {
      print('reload');
      clearInterval(timer);
      process.removeAllListeners('SIGHUP');
    });
    process.kill(process.pid, 'SIGHUP');
  },
  'a caught exception': async () => {
    process.on('uncaughtException', (error, origin) => {
      print(error.message, origin);
    });
    setTimeout(() => {
      throw new Error('caught');
    });
    await request();
  },
  'a caught rejection': async () => {
    process.on('unhandledRejection', (reason) => print('rejected', reason.message));
    Promise.reject(new Error('caught'));
    await request();
  },
  warnings: async () => {
    process.on('warning', ({ name, message }) => print(name, message));
    process.emitWarning('own');
    await request();
  },
  'a worker': () => work('natural end'),
  'a worker that exits': () => work('process.exit(7)'),
  'a worker that throws': () => work('a throw'),
  'a worker that is terminated': async () => {
    const worker = new Worker(self, { argv: ['in a worker: natural end'], workerData: 'wait' });
    await once(worker, 'message');
    print(await worker.terminate());
  },
  'a worker whose output is captured': async () => {
    const worker = new Worker(self, {
      argv: ['in a worker: natural end'],
      workerData: 'natural end',
      stdout: true,
      stderr: true,
    });
    let text = '';
    worker.stdout.on('data', (data) => {
      text += data;
    });
    await once(worker, 'exit');
    print('captured', text.trim());
  },
  'a forked child': async () => {
    const child = fork(self, ['natural end'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    child.stdout.on('data', (data) => print('child', String(data).trim()));
    print(...(await once(child, 'close')));
  },
  'a spawned child without the flag': () => {
    const { stdout, status } = spawnSync(process.execPath, ['-p', '1 + 1']);
    print(String(stdout).trim(), status);
  },
  'a cluster': async () => {
    cluster.setupPrimary({ exec: self, args: ['a worker of the cluster'] });
    const worker = cluster.fork();
    const [message] = await once(worker, 'message');
    print(message);
    worker.kill();
    print(...(await once(worker, 'exit')));
  },
  'a worker of the cluster': async () => {
    const server = http
      .createServer((_request, response) => response.end('ok'))
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.send(await (await fetch(`http://127.0.0.1:${server.address().port}`)).text());
  },
  'a cluster that disconnects': async () => {
    cluster.setupPrimary({ exec: self, args: ['a worker of the cluster'] });
    const worker = cluster.fork();
    print((await once(worker, 'message'))[0]);
    worker.disconnect();
    print(...(await once(worker, 'exit')), worker.exitedAfterDisconnect);
  },
  'a child that says that it is ready': async () => {
    const child = fork(self, ['a service'], { serialization: 'advanced' });
    print((await once(child, 'message'))[0]);
    child.send(new Map([['type', 'shutdown']]));
    print(...(await once(child, 'exit')), child.connected);
  },
  'a child whose parent disconnects': async () => {
    const child = fork(self, ['a service']);
    await once(child, 'message');
    child.disconnect();
    print(...(await once(child, 'exit')));
  },
  'a service': async () => {
    await request();
    process.on('disconnect', () => print('disconnect'));
    process.on('message', (message) => {
      print(message);
      process.disconnect();
    });
    process.send('ready');
  },
  'a throw': async () => {
    await request();
    throw new Error('on purpose');
  },
};

if (isMainThread) await WAYS[process.argv[2]]();
else if (workerData === 'wait') {
  keepAlive();
  parentPort.postMessage('ready');
} else await WAYS[workerData]();
