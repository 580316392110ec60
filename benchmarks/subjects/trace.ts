/**
 * CPU time of a whole trace: a server span and three calls made, described, ended and sent.
 * Prints one JSON line.
 *
 *   node benchmarks/subjects/trace.ts TRACER UDP_PORT HTTP_PORT
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { recordTrace } from '../support/shop-trace.ts';
import { PIPELINES } from './pipelines.ts';

const [name = '', udpPort = '', httpPort = ''] = process.argv.slice(2);
const TRACES = 2_000;
const ROUNDS = 12;
const TURN = 25;
const peers = join(import.meta.dirname, '../peers');

interface Tracer {
  record(index: number): void;
  flush(): Promise<unknown>;
}

function ofPipeline(): Tracer | undefined {
  const pipeline = PIPELINES[name]?.();
  if (pipeline === undefined) return undefined;
  const processor = pipeline.processor({ udpPort: Number(udpPort), httpPort: Number(httpPort) });
  const tracer = pipeline.tracer([processor]);
  return {
    record: (index) => recordTrace(tracer, pipeline.api, index),
    flush: () => processor.forceFlush(),
  };
}

/** The X-Ray SDK: each segment leaves when it is closed, with its subsegments in it. */
function xraySdk(): Tracer {
  process.env['AWS_XRAY_DAEMON_ADDRESS'] = `127.0.0.1:${udpPort}`;
  const { Segment, enableManualMode } = createRequire(join(peers, 'xray-sdk/package.json'))(
    'aws-xray-sdk-core',
  );
  enableManualMode();
  return {
    record(index) {
      const segment = new Segment('checkout');
      const failed = index % 10 === 9;
      segment.http = {
        request: {
          method: 'GET',
          url: `http://shop.example.com/orders/${index % 997}`,
          client_ip: `203.0.113.${index % 250}`,
          user_agent: 'Mozilla/5.0 (X11; Linux x86_64)',
        },
        response: { status: failed ? 500 : 200 },
      };
      segment.addMetadata('http.route', '/orders/:id');
      const call = segment.addNewSubsegment('stock.internal');
      call.namespace = 'remote';
      call.http = {
        request: { method: 'GET', url: `http://stock.internal:8080/stock/${index % 997}` },
        response: { status: 200 },
      };
      call.close();
      const query = segment.addNewSubsegment('shop@db.internal');
      query.namespace = 'remote';
      query.sql = {
        url: 'postgresql://db.internal:5432/shop',
        user: 'shop',
        database_type: 'postgresql',
        sanitized_query: 'SELECT id, name, stock FROM product WHERE id = $1',
      };
      query.addMetadata('db.operation.name', 'SELECT');
      query.close();
      const item = segment.addNewSubsegment('DynamoDB');
      item.namespace = 'aws';
      item.aws = {
        operation: 'GetItem',
        region: 'eu-west-1',
        request_id: `R${index}`,
        table_name: 'carts',
      };
      item.http = { response: { status: failed ? 400 : 200 } };
      item.close(failed ? FAILURE : undefined);
      segment.close();
    },
    flush: () => new Promise((resolve) => setTimeout(resolve, 20)),
  };
}

function ddTrace(): Tracer {
  const tracer = createRequire(join(peers, 'dd-trace/package.json'))('dd-trace').init({
    url: `http://127.0.0.1:${httpPort}`,
    plugins: false,
    startupLogs: false,
    telemetry: { enabled: false },
    remoteConfig: { enabled: false },
    flushInterval: 100,
  });
  return {
    record(index) {
      const failed = index % 10 === 9;
      const server = tracer.startSpan('web.request', {
        tags: {
          'http.method': 'GET',
          'http.url': `http://shop.example.com/orders/${index % 997}`,
          'http.route': '/orders/:id',
          'http.status_code': failed ? 500 : 200,
          'http.useragent': 'Mozilla/5.0 (X11; Linux x86_64)',
          'http.client_ip': `203.0.113.${index % 250}`,
        },
      });
      const child = (operation: string, tags: object): void =>
        tracer.startSpan(operation, { childOf: server, tags }).finish();
      child('http.request', {
        'http.method': 'GET',
        'http.url': `http://stock.internal:8080/stock/${index % 997}`,
        'http.status_code': 200,
        'out.host': 'stock.internal',
        'network.destination.port': 8080,
      });
      child('pg.query', {
        'db.type': 'postgres',
        'db.name': 'shop',
        'db.user': 'shop',
        'out.host': 'db.internal',
        'resource.name': 'SELECT id, name, stock FROM product WHERE id = $1',
      });
      child('aws.request', {
        'aws.operation': 'GetItem',
        'aws.region': 'eu-west-1',
        'aws.response.request_id': `R${index}`,
        tablename: 'carts',
        ...(failed && { error: FAILURE }),
      });
      server.finish();
    },
    flush: () => new Promise((resolve) => setTimeout(resolve, 250)),
  };
}

const FAILURE = new TypeError('the basket has no owner');
const OTHERS: Readonly<Record<string, () => Tracer>> = {
  'X-Ray SDK': xraySdk,
  'dd-trace': ddTrace,
};

const tracer = ofPipeline() ?? OTHERS[name]?.();
if (tracer === undefined) throw new TypeError(`no tracer ${JSON.stringify(name)}`);
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
