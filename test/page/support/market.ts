/**
 * Traces of five services: `web` calls `orders`, which calls Redis many times, `stock` and
 * `payments`, and sends a message to a queue; `mailer` handles it in a trace of its own that links
 * back.
 */
import { entityId, traceIdOf } from './shop.ts';

export const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/order-events';
const TOPIC_ARN = 'arn:aws:sns:eu-west-1:123456789012:order-placed';
/** Offset of the numbers of consumer traces. */
const CONSUMER = 500_000;

export const ROUTES = ['/', '/products/{id}', '/cart', '/orders', '/search'] as const;

export interface MarketOptions {
  readonly number: number;
  /** Epoch seconds of the first request. */
  readonly start: number;
  /** Redis calls of an order. Default 6. */
  readonly redisCalls?: number;
  /** Multiplies the time that `payments` takes. Default 1. */
  readonly slowPayments?: number;
}

export function consumerOf(number: number): number {
  return number + CONSUMER;
}

/** The documents of one request, and of its message where it sends one. */
export function marketTrace(options: MarketOptions): readonly object[] {
  const route = ROUTES[options.number % ROUTES.length] as (typeof ROUTES)[number];
  return route === '/orders' ? order(options) : page(options, route);
}

const SPREAD = [1, 1.3, 0.8, 1.1, 2.4, 0.9, 1.05, 6, 0.7, 1.2];

function page({ number, start }: MarketOptions, route: string): readonly object[] {
  const seconds = 0.04 * (SPREAD[number % 7] ?? 1) * (route === '/search' ? 3 : 1);
  const status = number % 23 === 0 ? 404 : 200;
  const id = (place: number) => entityId(number, place);
  return [
    {
      ...request({ number, route, start, end: start + seconds, status }),
      subsegments: [redis(id(1), start + 0.002, 'GET session:?')],
    },
  ];
}

function order({ number, start, redisCalls = 6, slowPayments = 1 }: MarketOptions) {
  const id = (place: number) => entityId(number, place);
  const slow = (number % 30 === 3 ? 8 : (SPREAD[number % 10] ?? 1)) * slowPayments;
  const failed = number % 35 === 8;
  const payment = 0.06 * slow;
  const redisEnd = 0.03 + redisCalls * 0.002;
  const paid = redisEnd + 0.03 + payment;
  const end = start + paid + 0.03;
  const at = (seconds: number) => Math.round((start + seconds) * 1e6) / 1e6;
  const cause = {
    working_directory: '/srv/orders',
    exceptions: [
      {
        id: id(0xe1),
        type: 'PaymentDeclined',
        message: 'card declined: insufficient funds',
        stack: [{ path: '/srv/orders/src/pay.js', line: 17, label: 'charge' }],
      },
    ],
  };
  const fault = failed ? { fault: true, cause } : {};
  const web = {
    ...request({ number, route: '/orders', start, end, status: failed ? 500 : 201 }),
    subsegments: [
      {
        ...call(id(1), 'orders', at(0.005), at(paid + 0.025), 'POST', '/orders'),
        ...(failed ? { fault: true, http: http('POST', 'http://orders.local/orders', 500) } : {}),
      },
    ],
  };
  const orders = {
    ...segment({ number, place: 2, name: 'orders', parent: id(1) }),
    start_time: at(0.01),
    end_time: at(paid + 0.02),
    ...fault,
    http: http('POST', 'http://orders.local/orders', failed ? 500 : 201),
    subsegments: [
      ...Array.from({ length: redisCalls }, (_, index) =>
        redis(id(0x100 + index), at(0.02 + index * 0.002), 'HGET cart:? item'),
      ),
      call(id(3), 'stock', at(redisEnd), at(redisEnd + 0.02), 'GET', '/level/17'),
      {
        ...call(id(4), 'payments', at(redisEnd + 0.03), at(paid), 'POST', '/charges'),
        ...(failed
          ? { fault: true, http: http('POST', 'http://payments.local/charges', 502) }
          : {}),
      },
      sdkCall(id(5), 'SQS', at(paid), at(paid + 0.008), {
        operation: 'SendMessage',
        queue_url: QUEUE_URL,
      }),
      sdkCall(id(6), 'SNS', at(paid + 0.009), at(paid + 0.016), {
        operation: 'Publish',
        topic_arn: TOPIC_ARN,
      }),
    ],
  };
  const stock = {
    ...segment({ number, place: 7, name: 'stock', parent: id(3) }),
    start_time: at(redisEnd + 0.002),
    end_time: at(redisEnd + 0.018),
    http: http('GET', 'http://stock.local/level/17', 200),
    subsegments: [
      {
        id: id(8),
        name: 'warehouse@db.local',
        namespace: 'remote',
        start_time: at(redisEnd + 0.004),
        end_time: at(redisEnd + 0.016),
        sql: {
          url: 'postgresql://db.local:5432/warehouse',
          database_type: 'PostgreSQL',
          sanitized_query: 'SELECT level FROM stock_level WHERE product_id = $1',
        },
      },
    ],
  };
  const payments = {
    ...segment({ number, place: 9, name: 'payments', parent: id(4) }),
    start_time: at(redisEnd + 0.033),
    end_time: at(paid - 0.003),
    ...fault,
    http: http('POST', 'http://payments.local/charges', failed ? 502 : 201),
    subsegments: [
      {
        id: id(10),
        name: 'risk check',
        start_time: at(redisEnd + 0.036),
        end_time: at(paid - 0.01),
      },
    ],
  };
  const consumer = consumerOf(number);
  const mailer = {
    ...segment({ number: consumer, place: 0, name: 'mailer' }),
    start_time: at(paid + 0.2),
    end_time: at(paid + 0.26),
    links: [{ trace_id: traceIdOf(number), id: id(5), attributes: { reason: 'message' } }],
    aws: { operation: 'Process', queue_url: QUEUE_URL },
  };
  return [web, orders, stock, payments, mailer];
}

function request(input: {
  readonly number: number;
  readonly route: string;
  readonly start: number;
  readonly end: number;
  readonly status: number;
}): object {
  const { number, route, start, end, status } = input;
  const path = route.replace('{id}', String(number % 40));
  return {
    ...segment({ number, place: 0, name: 'web' }),
    start_time: start,
    end_time: Math.round(end * 1e6) / 1e6,
    http: http(route === '/orders' ? 'POST' : 'GET', `https://market.example${path}`, status),
    ...(status >= 500 ? { fault: true } : status >= 400 ? { error: true } : {}),
    user: `user-${number % 9}`,
    annotations: { 'http.route': route, tier: number % 3 === 0 ? 'gold' : 'basic' },
  };
}

function segment(input: {
  readonly number: number;
  readonly place: number;
  readonly name: string;
  readonly parent?: string;
}): object {
  const { number, place, name, parent } = input;
  return {
    trace_id: traceIdOf(number),
    id: entityId(number, place),
    name,
    ...(parent === undefined ? {} : { parent_id: parent }),
    origin: 'AWS::ECS::Fargate',
  };
}

function http(method: string, url: string, status: number): object {
  return { request: { method, url }, response: { status } };
}

function call(
  id: string,
  name: string,
  start: number,
  end: number,
  method: string,
  path: string,
): object {
  return {
    id,
    name,
    namespace: 'remote',
    start_time: start,
    end_time: end,
    http: http(method, `http://${name}.local${path}`, method === 'GET' ? 200 : 201),
  };
}

function sdkCall(id: string, name: string, start: number, end: number, aws: object): object {
  return {
    id,
    name,
    namespace: 'aws',
    start_time: start,
    end_time: end,
    aws: { region: 'eu-west-1', ...aws },
    http: { response: { status: 200 } },
  };
}

function redis(id: string, start: number, query: string): object {
  return {
    id,
    name: 'cache.local',
    namespace: 'remote',
    start_time: start,
    end_time: Math.round((start + 0.0016) * 1e6) / 1e6,
    metadata: {
      default: { 'db.system.name': 'redis', 'db.query.text': query, 'server.port': 6379 },
    },
  };
}
