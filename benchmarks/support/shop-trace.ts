/** Structural types of span and tracer, because each subject uses its own copy of OpenTelemetry. */
interface AnySpan {
  setAttributes(attributes: object): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: Error): unknown;
  end(): void;
}

export interface AnyTracer {
  startSpan(name: string, options: object, context: unknown): AnySpan;
}

export interface AnyApi {
  readonly ROOT_CONTEXT: unknown;
  readonly trace: { setSpan(context: never, span: never): unknown };
}

const SERVER = { kind: 1 };
const CLIENT = { kind: 2 };

/**
 * One request as real instrumentations record it: a server span and three calls, to a service by
 * HTTP, to PostgreSQL and to DynamoDB; ten attributes each; every tenth fails with an exception.
 *
 * @param index which of a seeded sequence; the same index gives the same attributes
 */
export function recordTrace(tracer: AnyTracer, api: AnyApi, index: number): void {
  const server = tracer.startSpan('GET /orders/:id', SERVER, api.ROOT_CONTEXT);
  server.setAttributes({
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': `/orders/${index % 997}`,
    'server.address': 'shop.example.com',
    'server.port': 80,
    'client.address': `203.0.113.${index % 250}`,
    'network.peer.address': '10.0.0.7',
    'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
    'http.route': '/orders/:id',
    'network.protocol.version': '1.1',
  });
  const context = api.trace.setSpan(api.ROOT_CONTEXT as never, server as never);

  const call = tracer.startSpan('GET', CLIENT, context);
  call.setAttributes({
    'http.request.method': 'GET',
    'url.full': `http://stock.internal:8080/stock/${index % 997}`,
    'server.address': 'stock.internal',
    'server.port': 8080,
    'network.peer.address': '10.0.0.9',
    'network.peer.port': 8080,
    'network.protocol.version': '1.1',
    'user_agent.original': 'node',
    'url.scheme': 'http',
    'http.response.status_code': 200,
  });
  call.end();

  const query = tracer.startSpan('pg.query:SELECT shop', CLIENT, context);
  query.setAttributes({
    'db.system.name': 'postgresql',
    'db.namespace': 'shop',
    'db.query.text': 'SELECT id, name, stock FROM product WHERE id = $1',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'product',
    'server.address': 'db.internal',
    'server.port': 5432,
    'db.user': 'shop',
    'network.peer.address': '10.0.0.11',
    'network.peer.port': 5432,
  });
  query.end();

  const item = tracer.startSpan('DynamoDB.GetItem', CLIENT, context);
  item.setAttributes({
    'rpc.system': 'aws-api',
    'rpc.service': 'DynamoDB',
    'rpc.method': 'GetItem',
    'cloud.region': 'eu-west-1',
    'aws.request.id': `R${index}`,
    'db.system.name': 'dynamodb',
    'db.namespace': 'carts',
    'aws.dynamodb.table_names': ['carts'],
    'aws.dynamodb.consistent_read': true,
    'http.response.status_code': index % 10 === 9 ? 400 : 200,
  });
  if (index % 10 === 9) {
    item.recordException(FAILURE);
    item.setStatus({ code: 2, message: FAILURE.message });
  }
  item.end();

  server.setAttributes({ 'http.response.status_code': index % 10 === 9 ? 500 : 200 });
  server.end();
}

const FAILURE = new TypeError('the basket has no owner');

export const SPANS_PER_TRACE = 4;
