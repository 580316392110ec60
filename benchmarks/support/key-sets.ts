import type { SpanAttributes, TranslatableSpan } from '../../src/translator/span.ts';

/** How much the spans of an app vary. */
export interface Mix {
  /** Number of span names. Each name has different key sets. */
  readonly names: number;
  /** Number of sets of attribute keys per name, all equally frequent. */
  readonly keySets: number;
  /** Share of spans that fail, with many different errors. */
  readonly errors: number;
  /** Which part is unique in every span. */
  readonly unique?: 'name' | 'key' | 'status';
  /** Number of additional attributes. V8 represents objects with many properties differently. */
  readonly wide?: number;
}

const MIX: Mix = { names: 8, keySets: 1, errors: 0.1 };

export const MIXES: Readonly<Record<string, Mix>> = {
  '1 key set': { ...MIX, errors: 0 },
  ...Object.fromEntries(
    [2, 4, 5, 8, 16, 32, 64].map((keySets) => [`${keySets} key sets`, { ...MIX, keySets }]),
  ),
  '8 key sets, half fail': { ...MIX, keySets: 8, errors: 0.5 },
  '64 key sets, wide': { ...MIX, keySets: 64, wide: 14 },
  '1,000 names': { ...MIX, names: 1_000, keySets: 2 },
  'every name new': { ...MIX, unique: 'name' },
  'every key set new': { ...MIX, unique: 'key' },
  'every HTTP status new': { ...MIX, unique: 'status' },
};

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
 * Returns spans whose attribute keys vary as specified by the mix, in a reproducible random order.
 * Values vary between spans.
 */
export function spansOf(mix: Mix, count: number): readonly TranslatableSpan[] {
  const { names, keySets, errors, unique } = mix;
  const random = randomNumbers(count * 64 + keySets);
  const hex = (digits: number) => Array.from({ length: digits }, () => HEX[random(16)]).join('');
  return Array.from({ length: count }, (_, index) => {
    const identity = { traceId: hex(32), spanId: hex(16) };
    const parent = { traceId: identity.traceId, spanId: hex(16), isRemote: false };
    const isError = random(1_000) < errors * 1_000;
    const name = unique === 'name' ? index : random(names);
    return {
      name: `GET stock-${name}`,
      kind: 2,
      spanContext: () => identity,
      parentSpanContext: parent,
      startTime: [1_795_200_000 + random(1_000), random(1e9)] as const,
      endTime: [1_795_201_000 + random(1_000), random(1e9)] as const,
      status: isError ? { code: 2, message: `shelf ${random(200)} is empty` } : { code: 0 },
      attributes: attributesOf(mix, index, name, random),
      links: [],
      events: isError ? [exception(random)] : [],
      resource: RESOURCE,
    };
  });
}

function attributesOf(
  { keySets, unique, wide = 0 }: Mix,
  index: number,
  name: number,
  random: (below: number) => number,
): SpanAttributes {
  const keySet = random(keySets);
  const attributes: Record<string, unknown> = {
    'http.request.method': 'GET',
    'url.full': `http://stock-${name}.internal:8080/stock/${random(1_000)}`,
    'server.address': `stock-${name}.internal`,
    'server.port': 8080,
  };
  for (const [bit, key] of OPTIONAL.entries()) {
    if (((keySet >> bit) & 1) === 1) attributes[key] = `value ${random(1_000)}`;
  }
  if (unique === 'key') attributes[`app.key.${index}`] = index;
  for (let more = 0; more < wide; more += 1) attributes[`app.more.${more}`] = random(10);
  attributes['http.response.status_code'] = unique === 'status' ? index : 200;
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

/** Returns a generator of whole numbers from 0, reproducible by seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
