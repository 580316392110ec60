/** Creates and sends a whole trace: OpenTelemetry pipelines and other peers. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { recordTrace } from '../support/shop-trace.ts';
import { PIPELINES, type Ports } from './pipelines.ts';

const peers = join(import.meta.dirname, '../peers');

export interface Tracer {
  /** Creates and ends a server span and three calls. */
  record(index: number): void;
  flush(): Promise<unknown>;
}

/** @throws {TypeError} if the name is unknown */
export function tracerNamed(name: string, ports: Ports): Tracer {
  const tracer = OTHERS[name]?.(ports) ?? ofPipeline(name, ports);
  if (tracer === undefined) throw new TypeError(`no tracer ${JSON.stringify(name)}`);
  return tracer;
}

function ofPipeline(name: string, ports: Ports): Tracer | undefined {
  const pipeline = PIPELINES[name]?.();
  if (pipeline === undefined) return undefined;
  const processor = pipeline.processor(ports);
  const tracer = pipeline.tracer([processor]);
  return {
    record: (index) => recordTrace(tracer, pipeline.api, index),
    flush: () => processor.forceFlush(),
  };
}

/** otel-xray with its compiled-in SDK, as in an application. */
function otelXray(ports: Ports): Tracer {
  Object.assign(process.env, {
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'always_on',
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
    OTEL_SERVICE_NAME: 'checkout',
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.4.2,cloud.provider=aws,cloud.platform=aws_ecs',
  });
  const fromHere = createRequire(join(peers, '../../package.json'));
  const api = fromHere('@opentelemetry/api');
  const pipeline = PIPELINES['otel-xray']?.();
  // Not rate limited, like the exporter of this pipeline.
  const processor = pipeline?.processor(ports);
  fromHere('./dist/index.cjs').start({ spanProcessors: [processor] });
  const tracer = api.trace.getTracer('bench');
  return {
    record: (index) => recordTrace(tracer, api, index),
    flush: () => processor?.forceFlush() ?? Promise.resolve(),
  };
}

/**
 * The X-Ray SDK: sends each segment with its subsegments when it is closed. Its documents have the values that
 * those of otel-xray have, except for the resource.
 */
function xraySdk({ udpPort }: Ports): Tracer {
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
      segment.addMetadata('network.protocol.version', '1.1');
      const call = segment.addNewSubsegment('stock.internal');
      call.namespace = 'remote';
      call.http = {
        request: {
          method: 'GET',
          url: `http://stock.internal:8080/stock/${index % 997}`,
          user_agent: 'node',
        },
        response: { status: 200 },
      };
      call.addMetadata('network.peer.address', '10.0.0.9');
      call.addMetadata('network.peer.port', 8080);
      call.addMetadata('network.protocol.version', '1.1');
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
      query.addMetadata('db.collection.name', 'product');
      query.addMetadata('network.peer.address', '10.0.0.11');
      query.addMetadata('network.peer.port', 5432);
      query.close();
      const item = segment.addNewSubsegment('DynamoDB');
      item.namespace = 'aws';
      item.aws = {
        operation: 'GetItem',
        region: 'eu-west-1',
        request_id: `R${index}`,
        table_name: 'carts',
        consistent_read: true,
      };
      item.http = { response: { status: failed ? 400 : 200 } };
      item.close(failed ? FAILURE : undefined);
      segment.close();
    },
    flush: () => new Promise((resolve) => setTimeout(resolve, 20)),
  };
}

function ddTrace({ httpPort }: Ports): Tracer {
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
          'network.protocol.version': '1.1',
        },
      });
      const child = (operation: string, tags: object): void =>
        tracer.startSpan(operation, { childOf: server, tags }).finish();
      child('http.request', {
        'http.method': 'GET',
        'http.url': `http://stock.internal:8080/stock/${index % 997}`,
        'http.status_code': 200,
        'http.useragent': 'node',
        'out.host': 'stock.internal',
        'network.destination.ip': '10.0.0.9',
        'network.destination.port': 8080,
        'network.protocol.version': '1.1',
      });
      child('pg.query', {
        'db.type': 'postgres',
        'db.name': 'shop',
        'db.user': 'shop',
        'db.operation': 'SELECT',
        'db.sql.table': 'product',
        'out.host': 'db.internal',
        'network.destination.ip': '10.0.0.11',
        'network.destination.port': 5432,
        'resource.name': 'SELECT id, name, stock FROM product WHERE id = $1',
      });
      child('aws.request', {
        'aws.operation': 'GetItem',
        'aws.region': 'eu-west-1',
        'aws.response.request_id': `R${index}`,
        tablename: 'carts',
        consistent_read: true,
        ...(failed && { error: FAILURE }),
      });
      server.finish();
    },
    flush: () => new Promise((resolve) => setTimeout(resolve, 250)),
  };
}

const FAILURE = new TypeError('the basket has no owner');
const OTHERS: Readonly<Record<string, (ports: Ports) => Tracer>> = {
  'otel-xray': otelXray,
  'X-Ray SDK': xraySdk,
  'dd-trace': ddTrace,
};
