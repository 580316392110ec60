import { tracingChannel } from 'node:diagnostics_channel';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { traceChannels } from '../../../src/instrumentation/channels/index.ts';
import { CHANNEL_SETS } from '../../../src/instrumentation/channels/sets.ts';
import {
  type ChannelTracing,
  channelTracing,
  type Operation,
} from '../../../src/instrumentation/channels/tracing-channel.ts';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';
import { startTracing, type Tracing } from '../../support/tracing.ts';

const QUERY = 'mongoose:query';
const channel = tracingChannel<unknown, Record<string, unknown>>(QUERY);
const OPTIONS = { version: '1', middlewareSpans: false, connectSpans: true };

let tracing: Tracing;
let loads: number;
let stop: () => void;

const query: Operation<{ readonly name: string }> = {
  hasCallback: true,
  start: ({ name }, outer) =>
    name === 'ignored' ? undefined : { span: trace.getTracer('test').startSpan(name, {}, outer) },
};

function load(): ChannelTracing {
  loads += 1;
  return channelTracing('mongoose', { [QUERY]: query, 'mongoose:aggregate': query });
}

beforeEach(() => {
  tracing = startTracing();
  loads = 0;
  const channels = traceChannels({ ...OPTIONS, isEnabled: () => true, load });
  stop = channels.stopAll;
});
afterEach(async () => {
  stop();
  await tracing.close();
});

/** Names of ended spans, each with the name of its parent. */
function tree(): readonly string[] {
  const spans = tracing.spans();
  const nameOf = (id?: string): string =>
    spans.find((span) => span.spanContext().spanId === id)?.name ?? 'none';
  return spans.map((span) => `${span.name} in ${nameOf(span.parentSpanContext?.spanId)}`);
}

const inSpan = <Result>(name: string, run: () => Result): Result =>
  trace.getTracer('test').startActiveSpan(name, (span) => {
    const result = run();
    span.end();
    return result;
  });

describe('a span for each operation', () => {
  test('a synchronous one: its children are below it', () => {
    inSpan('request', () => channel.traceSync(() => inSpan('child', () => 1), { name: 'sync' }));
    expect(tree()).toEqual(['child in sync', 'sync in request', 'request in none']);
  });

  test('a promise: the span ends before the app continues, and is not active there', async () => {
    const active = await inSpan('request', async () => {
      await channel.tracePromise(() => Promise.resolve(), { name: 'promise' });
      return inSpan('next', () => tree());
    });
    expect(active).toEqual(['request in none', 'promise in request']);
    expect(tree().at(-1)).toBe('next in request');
  });

  test('a callback runs in the context of its caller, after the span has ended', async () => {
    // The library calls back from its own context.
    const library = (callback: () => void): unknown =>
      context.with(trace.setSpan(context.active(), trace.wrapSpanContext(OTHER)), () =>
        setImmediate(callback),
      );
    const ended = await new Promise((resolve) => {
      inSpan('request', () =>
        channel.traceCallback(library, 0, { name: 'callback' }, undefined, () => {
          const before = tree();
          inSpan('after', () => resolve(before));
        }),
      );
    });
    expect(ended).toEqual(['request in none', 'callback in request']);
    expect(tree().at(-1)).toBe('after in request');
  });

  test('a failed one has the error, whether thrown, rejected or passed to the callback', async () => {
    const error = new TypeError('no table');
    const fail = (): never => {
      throw error;
    };
    expect(() => channel.traceSync(fail, { name: 'sync' })).toThrow(error);
    await expect(
      channel.tracePromise(() => Promise.reject(error), { name: 'promise' }),
    ).rejects.toBe(error);
    const passed = await new Promise((resolve) => {
      const library = (callback: (error: unknown) => void): void => callback(error);
      channel.traceCallback(library, 0, { name: 'callback' }, undefined, resolve);
    });
    expect(passed).toBe(error);
    const failed = { code: SpanStatusCode.ERROR, message: 'no table' };
    expect(
      tracing.spans().map(({ name, status, events }) => [name, status, events.length]),
    ).toEqual(['sync', 'promise', 'callback'].map((name) => [name, failed, 1]));
  });

  test('an ignored one has none, and runs in the context around it', () => {
    inSpan('request', () => channel.traceSync(() => inSpan('child', () => 1), { name: 'ignored' }));
    expect(tree()).toEqual(['child in request', 'request in none']);
  });
});

describe('an asynchronous operation', () => {
  const ASYNC = 'srvx.middleware';
  const asyncChannel = tracingChannel<unknown, Record<string, unknown>>(ASYNC);
  beforeEach(() => {
    stop();
    const loadAsync = (): ChannelTracing =>
      channelTracing('srvx', { [ASYNC]: { ...query, isAsync: true } });
    stop = traceChannels({ ...OPTIONS, isEnabled: () => true, load: loadAsync }).stopAll;
  });

  test('ends with its result, without a subscriber to `end`', async () => {
    await asyncChannel.tracePromise(() => Promise.resolve(1), { name: 'promise' });
    await new Promise<void>((resolve) => {
      const library = (callback: (error: null) => void): unknown => setImmediate(callback, null);
      asyncChannel.traceCallback(library, 0, { name: 'callback' }, undefined, () => resolve());
    });
    expect(asyncChannel.end.hasSubscribers).toBe(false);
    expect(asyncChannel.asyncStart.hasSubscribers).toBe(true);
    expect(tracing.spans().map(({ name, status }) => [name, status.code])).toEqual([
      ['promise', SpanStatusCode.UNSET],
      ['callback', SpanStatusCode.UNSET],
    ]);
  });

  test('a failed one ends once, with its error, whether thrown, rejected or passed', async () => {
    const error = new TypeError('no table');
    const fail = (): never => {
      throw error;
    };
    expect(() => asyncChannel.tracePromise(fail, { name: 'thrown' })).toThrow(error);
    const rejected = asyncChannel.tracePromise(() => Promise.reject(error), { name: 'rejected' });
    await expect(rejected).rejects.toBe(error);
    const passed = await new Promise((resolve) => {
      const library = (callback: (error: unknown) => void): unknown =>
        setImmediate(callback, error);
      asyncChannel.traceCallback(library, 0, { name: 'passed' }, undefined, resolve);
    });
    expect(passed).toBe(error);
    const failed = { code: SpanStatusCode.ERROR, message: 'no table' };
    expect(
      tracing.spans().map(({ name, status, events }) => [name, status, events.length]),
    ).toEqual(['thrown', 'rejected', 'passed'].map((name) => [name, failed, 1]));
  });
});

describe('operations for which nothing is made', () => {
  const LEAF = 'mysql2:query';
  const leafChannel = tracingChannel<unknown, Record<string, unknown>>(LEAF);
  const started: string[] = [];
  const leaf: Operation<{ readonly name: string }> = {
    start({ name }, outer) {
      started.push(name);
      return { span: trace.getTracer('test').startSpan(name, {}, outer) };
    },
  };
  beforeEach(() => {
    stop();
    started.length = 0;
    const loadLeaf = (): ChannelTracing => channelTracing('mysql2', { [LEAF]: leaf });
    stop = traceChannels({ ...OPTIONS, isEnabled: () => true, load: loadLeaf }).stopAll;
  });

  test('a leaf has a span, and runs in the context of its caller', () => {
    inSpan('request', () => {
      const outer = context.active();
      expect(leafChannel.traceSync(() => context.active(), { name: 'leaf' })).toBe(outer);
    });
    expect(tree()).toEqual(['leaf in request', 'request in none']);
  });

  const callIn = (parent: object): readonly string[] => {
    const span = trace.wrapSpanContext({ ...OTHER, ...parent });
    context.with(trace.setSpan(context.active(), span), () =>
      leafChannel.traceSync(() => {}, { name: 'leaf' }),
    );
    return started;
  };

  test('inside a span of this process that is not sampled, nothing starts', () => {
    expect(callIn({ traceFlags: 0 })).toEqual([]);
  });

  test.for([
    ['sampled', {}],
    ['of another process', { traceFlags: 0, isRemote: true }],
    ['without a place in a trace', { traceFlags: 0, spanId: '0'.repeat(16) }],
  ] as const)('inside a span %s, the sampler decides', ([, parent]) => {
    expect(callIn(parent)).toEqual(['leaf']);
  });

  test('after a recorded span that is not sampled has ended, the sampler decides', () => {
    const span = Object.assign(trace.wrapSpanContext({ ...OTHER, traceFlags: 0 }), { ended: true });
    context.with(trace.setSpan(context.active(), span), () =>
      leafChannel.traceSync(() => {}, { name: 'late' }),
    );
    expect(started).toEqual(['late']);
  });
});

describe('an operation that is folded into the span around it', () => {
  const STEP = 'h3.request';
  const stepChannel = tracingChannel<unknown, Record<string, unknown>>(STEP);
  const step: Operation = {
    start(_message, outer) {
      const around = trace.getSpan(outer);
      return around === undefined ? undefined : { around };
    },
    isError: (result) => result instanceof RangeError,
  };
  beforeEach(() => {
    stop();
    const loadStep = (): ChannelTracing => channelTracing('h3', { [STEP]: step });
    stop = traceChannels({ ...OPTIONS, isEnabled: () => true, load: loadStep }).stopAll;
  });

  test('has no span, and its attributes and children are those of the span around it', () => {
    inSpan('request', () =>
      stepChannel.traceSync(() => {
        trace.getActiveSpan()?.setAttribute('user', 'ann');
        inSpan('child', () => 1);
      }, {}),
    );
    expect(tree()).toEqual(['child in request', 'request in none']);
    expect(tracing.spans()[1]?.attributes).toEqual({ user: 'ann' });
  });

  const messages = (): readonly unknown[] =>
    tracing
      .spans()
      .flatMap(({ events }) => events.map(({ attributes }) => attributes?.['exception.message']));

  test('records an error on it once, whether thrown, rejected or returned', async () => {
    const thrown = new TypeError('thrown');
    const fail = (): never => {
      throw thrown;
    };
    const twice = (): unknown => stepChannel.traceSync(fail, {});
    inSpan('a', () => expect(() => stepChannel.traceSync(twice, {})).toThrow(thrown));
    await trace.getTracer('test').startActiveSpan('b', async (span) => {
      const rejected = stepChannel.tracePromise(() => Promise.reject(new TypeError('late')), {});
      await expect(rejected).rejects.toThrow('late');
      span.end();
    });
    inSpan('c', () => stepChannel.traceSync(() => new RangeError('returned'), {}));
    inSpan('d', () => stepChannel.traceSync(() => 'an answer', {}));
    expect(messages()).toEqual(['thrown', 'late', 'returned']);
    expect(tracing.spans().map(({ status }) => status.code)).toEqual(Array(4).fill(0));
  });

  test('outside a trace, its errors are recorded nowhere', () => {
    expect(stepChannel.traceSync(() => new RangeError('returned'), {})).toBeInstanceOf(RangeError);
    expect(tracing.spans()).toEqual([]);
  });
});

const OTHER = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };

test('a set is loaded with its first message, once', () => {
  expect(loads).toBe(0);
  channel.traceSync(() => {}, { name: 'a' });
  tracingChannel<unknown, object>('mongoose:aggregate').traceSync(() => {}, { name: 'b' });
  expect([loads, ...tree()]).toEqual([1, 'a in none', 'b in none']);
});

test('nobody subscribes any more after the stop', () => {
  stop();
  const subscribed = CHANNEL_SETS.flatMap(({ channels }) => channels).filter(
    (name) => tracingChannel(name).hasSubscribers,
  );
  expect(subscribed).toEqual([]);
});

test('channels of a disabled instrumentation stay without subscribers', () => {
  stop();
  const isEnabled = (name: string): boolean => name !== 'mongoose';
  const { stopAll } = traceChannels({ ...OPTIONS, isEnabled, load });
  expect(channel.hasSubscribers).toBe(false);
  expect(tracingChannel('graphql:execute').hasSubscribers).toBe(true);
  stopAll();
});

test('a part that cannot be loaded is reported once, and the library runs as before', () => {
  stop();
  const failing = (): ChannelTracing => {
    loads += 1;
    throw new Error('no such file');
  };
  const { stopAll } = traceChannels({ ...OPTIONS, isEnabled: () => true, load: failing });
  const before = instrumentationFailures().get('mongoose') ?? 0;
  for (const name of ['a', 'b']) expect(channel.traceSync(() => name, { name })).toBe(name);
  expect(loads).toBe(1);
  expect(instrumentationFailures().get('mongoose')).toBe(before + 1);
  stopAll();
});
