import type { SpanAttributes, TranslatableSpan } from '../../src/translator/span.ts';

/** What varies among the spans of one name. */
export interface Mix {
  /** Different sets of attribute keys, all equally frequent. */
  readonly keySets: number;
  /** Share of spans that fail, each in one of many ways. */
  readonly errors: number;
}

const NAMES = 8;
const HEX = '0123456789abcdef';
const RESOURCE = {
  attributes: {
    'service.name': 'checkout',
    'service.version': '1.4.2',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'aws.ecs.launchtype': 'fargate',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': '24.21.0',
  },
};
const OPTIONAL = ['app.cart', 'app.coupon', 'app.feature', 'app.retry', 'app.tenant', 'app.shard'];

/**
 * Returns spans whose attribute keys vary as the mix says, in one random order that is always the
 * same. Values vary from span to span.
 */
export function spansOf({ keySets, errors }: Mix, count: number): readonly TranslatableSpan[] {
  const random = randomNumbers(count * 64 + keySets);
  const hex = (digits: number) => Array.from({ length: digits }, () => HEX[random(16)]).join('');
  return Array.from({ length: count }, () => {
    const identity = { traceId: hex(32), spanId: hex(16) };
    const parent = { traceId: identity.traceId, spanId: hex(16), isRemote: false };
    const isError = random(1_000) < errors * 1_000;
    const name = random(NAMES);
    return {
      name: `GET stock-${name}`,
      kind: 2,
      spanContext: () => identity,
      parentSpanContext: parent,
      startTime: [1_795_200_000 + random(1_000), random(1e9)] as const,
      endTime: [1_795_201_000 + random(1_000), random(1e9)] as const,
      status: isError ? { code: 2, message: `shelf ${random(200)} is empty` } : { code: 0 },
      attributes: attributesOf(name, random(keySets), random),
      links: [],
      events: isError ? [exception(random)] : [],
      resource: RESOURCE,
    };
  });
}

function attributesOf(
  name: number,
  keySet: number,
  random: (below: number) => number,
): SpanAttributes {
  const attributes: Record<string, unknown> = {
    'http.request.method': 'GET',
    'url.full': `http://stock-${name}.internal:8080/stock/${random(1_000)}`,
    'server.address': `stock-${name}.internal`,
    'server.port': 8080,
  };
  for (const [bit, key] of OPTIONAL.entries()) {
    if (((keySet >> bit) & 1) === 1) attributes[key] = `value ${random(1_000)}`;
  }
  attributes['http.response.status_code'] = 200;
  attributes['network.peer.address'] = '10.0.0.9';
  return attributes;
}

function exception(random: (below: number) => number): TranslatableSpan['events'][number] {
  const message = `shelf ${random(200)} is empty`;
  const frames = Array.from({ length: 8 }, (_, i) => `    at take${i} (/app/stock-${i}.js:${i}:7)`);
  return {
    name: 'exception',
    time: [1_795_200_000, 5],
    attributes: {
      'exception.type': 'RangeError',
      'exception.message': message,
      'exception.stacktrace': [`RangeError: ${message}`, ...frames].join('\n'),
    },
  };
}

/** Whole numbers from 0, the same ones for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
