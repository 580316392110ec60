import { expect, test, vi } from 'vitest';
import { guardedWrapper } from '../../../src/instrumentation/loading/guarded-wrap.ts';

// biome-ignore lint/suspicious/noExplicitAny: what upstream's wrappers take
type Args = any[];

class Metadata {
  readonly internalRepr: Map<string, string>;
  constructor(entries: Iterable<[string, string]>) {
    this.internalRepr = new Map(entries);
  }
  set(key: string, value: string): void {
    this.internalRepr.set(key, value);
  }
  getMap(): object {
    return Object.fromEntries(this.internalRepr);
  }
  clone(): Metadata {
    return new Metadata(this.internalRepr);
  }
}

const ERROR = new Error('x');

/** What an upstream wrapper writes, what the app passes, and what is then passed on. */
const CASES: readonly {
  instrumentation: string;
  name: string;
  write: (args: Args) => void;
  args: () => Args;
  passed: Args;
}[] = [
  {
    instrumentation: 'amqplib',
    name: 'publish',
    write: (args) => {
      args[3].headers['traceparent'] = '00';
    },
    args: () => ['exchange', 'key', Buffer.from('x'), { headers: { own: 1 } }],
    passed: ['exchange', 'key', Buffer.from('x'), { headers: { own: 1, traceparent: '00' } }],
  },
  {
    instrumentation: 'kafkajs',
    name: 'send',
    write: ([{ messages }]) => {
      messages[0].headers['traceparent'] = '00';
    },
    args: () => [{ topic: 't', messages: [{ value: 'v', headers: {} }] }],
    passed: [{ topic: 't', messages: [{ value: 'v', headers: { traceparent: '00' } }] }],
  },
  {
    instrumentation: 'kafkajs',
    name: 'sendBatch',
    write: ([{ topicMessages }]) => {
      topicMessages[0].messages[0].headers = { traceparent: '00' };
    },
    args: () => [{ topicMessages: [{ topic: 't', messages: [{ value: 'v' }] }] }],
    passed: [
      {
        topicMessages: [{ topic: 't', messages: [{ value: 'v', headers: { traceparent: '00' } }] }],
      },
    ],
  },
  {
    instrumentation: 'kafkajs',
    name: 'run',
    write: ([config]) => {
      config.eachMessage = 'wrapped';
    },
    args: () => [{ eachMessage: 'own' }],
    passed: [{ eachMessage: 'wrapped' }],
  },
  {
    instrumentation: 'pg',
    name: 'query',
    write: ([query]) => {
      query.callback = 'wrapped';
    },
    args: () => [{ text: 'SELECT 1', callback: 'own' }],
    passed: [{ text: 'SELECT 1', callback: 'wrapped' }],
  },
  {
    instrumentation: 'winston',
    name: 'write',
    write: ([record]) => {
      record.trace_id = '1';
    },
    args: () => [{ level: 'info', message: 'm' }],
    passed: [{ level: 'info', message: 'm', trace_id: '1' }],
  },
  {
    instrumentation: 'winston',
    name: 'log',
    write: (args) => {
      Object.assign(args[2], { trace_id: '1' });
    },
    args: () => ['info', 'm', { own: 1 }],
    passed: ['info', 'm', { own: 1, trace_id: '1' }],
  },
  {
    instrumentation: 'winston',
    name: 'log',
    write: () => {},
    args: () => ['error', 'm', ERROR],
    passed: ['error', 'm', ERROR],
  },
];

function freeze<Value>(value: Value): Value {
  const isPlain = typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
  if (!isPlain || value instanceof Error) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

test.for(CASES)(
  '$instrumentation $name: a wrapper changes copies of what the app passes',
  ({ instrumentation, name, write, args, passed }) => {
    const original = vi.fn();
    const wrapped = guardedWrapper(
      instrumentation,
      (inner) =>
        function (...given) {
          write(given);
          return inner.apply(this, given);
        },
    )(original, name);
    const own = freeze(args());
    wrapped.apply(undefined, [...own]);
    expect(original.mock.calls).toEqual([passed]);
    expect(own).toEqual(args());
  },
);

test('grpc: headers are added to a copy of the metadata', () => {
  const original = vi.fn();
  const wrapped = guardedWrapper(
    'grpc',
    (inner) =>
      function (...given) {
        (given[1] as Metadata).set('traceparent', '00');
        return inner.apply(this, given);
      },
  )(original, 'sayHello');
  const metadata = new Metadata([['own', '1']]);
  wrapped.call(undefined, {}, metadata);
  expect(metadata.getMap()).toEqual({ own: '1' });
  expect(original.mock.calls[0]?.[1].getMap()).toEqual({ own: '1', traceparent: '00' });
});
