/**
 * Measures the CPU time of a whole trace: create, describe, end and send a server span and three calls.
 * Prints one JSON line.
 *
 *   node benchmarks/subjects/trace.ts TRACER UDP_PORT HTTP_PORT
 */
import { scaled } from '../support/quick.ts';
import { tracerNamed } from './tracers.ts';

const [name = '', udpPort = '', httpPort = ''] = process.argv.slice(2);
const TRACES = 2_000;
const ROUNDS = scaled(40, 16);
const TURN = 25;

const tracer = tracerNamed(name, { udpPort: Number(udpPort), httpPort: Number(httpPort) });
const perTrace: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = process.cpuUsage();
  for (let index = 0; index < TRACES; index += 1) {
    tracer.record(index);
    if (index % TURN === TURN - 1) await new Promise(setImmediate);
  }
  await tracer.flush();
  const { user, system } = process.cpuUsage(before);
  perTrace.push((user + system) / TRACES);
}
const warm = perTrace.slice(ROUNDS / 2).sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ microseconds: warm[warm.length >> 1] })}\n`);
process.exit();
