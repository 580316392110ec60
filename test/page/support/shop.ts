/** Traces of a small shop. */

export interface ShopOptions {
  /** Number of the trace; determines its ids and its kind. */
  readonly number: number;
  /** Epoch seconds of the first request. */
  readonly start: number;
}

const SERVICE_AWS = {
  xray: { sdk: 'otel-xray for nodejs', sdk_version: '0.1.0', sampling_rule_name: 'Default' },
  ecs: {
    container: 'shop-7d9f',
    container_arn: 'arn:aws:ecs:eu-central-1:123456789012:task/shop/7d9f',
  },
  cloudwatch_logs: [{ log_group: '/ecs/shop' }],
};

const KINDS = [
  'view',
  'view',
  'checkout',
  'view',
  'missing',
  'search',
  'throttled',
  'view',
  'declined',
] as const;
type Kind = (typeof KINDS)[number];

const REQUESTS: Readonly<
  Record<Kind, { method: string; path: string; status: number; seconds: number }>
> = {
  view: { method: 'GET', path: '/products/17', status: 200, seconds: 0.038 },
  search: { method: 'GET', path: '/search?q=tea', status: 200, seconds: 1.42 },
  checkout: { method: 'POST', path: '/checkout', status: 200, seconds: 0.312 },
  missing: { method: 'GET', path: '/products/999', status: 404, seconds: 0.012 },
  throttled: { method: 'POST', path: '/orders', status: 429, seconds: 0.006 },
  declined: { method: 'POST', path: '/checkout', status: 500, seconds: 0.268 },
};

export function traceIdOf(number: number): string {
  return `1-${(0x69000000 + number).toString(16)}-${number.toString(16).padStart(24, '0')}`;
}

/** Id of a segment or subsegment by its number in the trace: 0 is the root segment. */
export function entityId(number: number, place: number): string {
  return `${number.toString(16).padStart(12, '0')}${place.toString(16).padStart(4, '0')}`;
}

export function kindOf(number: number): Kind {
  return KINDS[number % KINDS.length] as Kind;
}

/** The documents of one request: the segment of the shop, and of the stock if it was called. */
export function shopTrace({ number, start }: ShopOptions): readonly object[] {
  const kind = kindOf(number);
  const { method, path, status, seconds } = REQUESTS[kind];
  const length = seconds * (1 + ((number * 37) % 23) / 40);
  const trace_id = traceIdOf(number);
  const id = (place: number) => entityId(number, place);
  const at = (share: number) => Math.round((start + length * share) * 1e6) / 1e6;
  const failed = kind === 'declined';
  const asksStock = kind === 'view' || kind === 'checkout' || failed;
  const root = {
    trace_id,
    id: id(0),
    name: 'shop',
    start_time: at(0),
    end_time: at(1),
    origin: 'AWS::ECS::Fargate',
    http: {
      request: {
        method,
        url: `http://shop.local${path}`,
        client_ip: '127.0.0.1',
        user_agent: 'curl/8.5.0',
      },
      response: { status, content_length: 1_234 },
    },
    ...(status >= 500 ? { fault: true } : status >= 400 ? { error: true } : {}),
    ...(status === 429 ? { throttle: true } : {}),
    ...(failed ? { cause: declined(number) } : {}),
    annotations: {
      'product.id': number % 40,
      tier: number % 3 === 0 ? 'gold' : 'basic',
      route: path.replace(/\d+|\?.*/g, '*'),
    },
    metadata: {
      default: { cart: { items: 3, total: 59.9, codes: ['SPRING', 'TEA'] } },
      http: { 'http.flavor': '1.1' },
    },
    user: `user-${number % 7}`,
    service: { version: '2.3.1', runtime: 'node', runtime_version: '24.21.0' },
    aws: SERVICE_AWS,
    subsegments: [
      { id: id(1), name: 'middleware - session', start_time: at(0.02), end_time: at(0.06) },
      ...(asksStock
        ? [
            {
              id: id(2),
              name: 'stock',
              namespace: 'remote',
              start_time: at(0.08),
              end_time: at(0.55),
              http: {
                request: { method: 'GET', url: 'http://stock.local/level/17' },
                response: { status: 200, content_length: 31 },
              },
            },
            {
              id: id(3),
              name: 'DynamoDB',
              namespace: 'aws',
              start_time: at(0.58),
              end_time: at(0.72),
              aws: {
                operation: 'PutItem',
                table_name: 'Orders',
                region: 'eu-central-1',
                request_id: 'K3M0V7QD',
                retries: 0,
              },
              http: { response: { status: 200 } },
            },
            {
              id: id(4),
              name: 'charge card',
              start_time: at(0.74),
              end_time: at(0.98),
              ...(failed ? { fault: true, cause: declined(number) } : {}),
              subsegments: [
                {
                  id: id(5),
                  name: 'api.pay.example',
                  namespace: 'remote',
                  start_time: at(0.76),
                  end_time: at(0.96),
                  ...(failed ? { fault: true } : {}),
                  http: {
                    request: { method: 'POST', url: 'https://api.pay.example/v1/charge' },
                    response: { status: failed ? 502 : 201 },
                  },
                },
              ],
            },
          ]
        : []),
    ],
  };
  if (!asksStock) return [root];
  const stock = {
    trace_id,
    id: id(8),
    parent_id: id(2),
    name: 'stock',
    origin: 'AWS::EC2::Instance',
    start_time: at(0.12),
    end_time: at(0.52),
    http: {
      request: { method: 'GET', url: 'http://stock.local/level/17' },
      response: { status: 200 },
    },
    aws: {
      ec2: { instance_id: 'i-0ab12cd34ef', availability_zone: 'eu-central-1b' },
      xray: SERVICE_AWS.xray,
    },
    subsegments: [
      {
        id: id(9),
        name: 'warehouse@db.local',
        namespace: 'remote',
        start_time: at(0.16),
        end_time: at(0.48),
        sql: {
          url: 'postgresql://db.local:5432/warehouse',
          database_type: 'PostgreSQL',
          database_version: '17.2',
          user: 'stock',
          sanitized_query:
            'SELECT id, level, reserved FROM stock_level WHERE product_id = $1 AND region = $2',
        },
      },
    ],
  };
  return [stock, root];
}

function declined(number: number): object {
  return {
    working_directory: '/srv/shop',
    exceptions: [
      {
        id: entityId(number, 0xe1),
        type: 'CheckoutError',
        message: 'The order could not be paid',
        cause: entityId(number, 0xe2),
        stack: [
          { path: '/srv/shop/src/checkout.js', line: 42, label: 'checkout' },
          {
            path: '/srv/shop/node_modules/express/lib/router/layer.js',
            line: 95,
            label: 'Layer.handleRequest',
          },
          {
            path: 'node:internal/process/task_queues',
            line: 103,
            label: 'process.processTicksAndRejections',
          },
        ],
        truncated: 4,
      },
      {
        id: entityId(number, 0xe2),
        type: 'PaymentDeclined',
        message: 'card declined: insufficient funds',
        remote: true,
        stack: [{ path: '/srv/shop/src/pay.js', line: 17, label: 'charge' }],
      },
    ],
  };
}
