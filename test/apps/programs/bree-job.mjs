import { parentPort, workerData } from 'node:worker_threads';

await fetch(`http://127.0.0.1:${workerData.port}/stock`);
if (workerData.job.name === 'report') throw new RangeError('no carts');
parentPort.postMessage('done');
