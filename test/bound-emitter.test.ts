import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, errorMonitor, once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bindEmitter } from '../src/bound-emitter.ts';

const storage = new AsyncLocalStorage<string>();

function bound<E extends EventEmitter>(emitter: E, context = 'request'): E {
  bindEmitter(emitter, context, storage);
  return emitter;
}

const ADD = ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener'] as const;

test.for(ADD)('a listener added by %s runs in the context, with emitter and arguments', (add) => {
  const emitter = bound(new EventEmitter());
  const calls: unknown[] = [];
  emitter[add]('event', function (this: unknown, ...args: unknown[]) {
    calls.push([storage.getStore(), this === emitter, args]);
  });
  storage.run('other', () => emitter.emit('event', 1, 2));
  expect(calls).toEqual([['request', true, [1, 2]]]);
});

test.for(ADD)('a listener added by %s is removed, counted and listed as that of the app', (add) => {
  const emitter = bound(new EventEmitter());
  const listener = (): void => {};
  expect(emitter[add]('event', listener)).toBe(emitter);
  expect(emitter.listeners('event')).toEqual([listener]);
  expect(emitter.listenerCount('event', listener)).toBe(1);
  emitter.off('event', listener);
  expect(emitter.listenerCount('event')).toBe(0);
});

interface Step {
  readonly method: (typeof ADD)[number] | 'off' | 'emit' | 'removeAllListeners';
  readonly event: string;
  readonly listener: number;
}

/** Steps that apps take with emitters. */
const step = fc.record({
  method: fc.constantFrom(...ADD, 'off' as const, 'emit' as const, 'removeAllListeners' as const),
  event: fc.constantFrom('a', 'b'),
  listener: fc.nat(3),
});

test('a bound emitter calls the same listeners in the same order as any other', () => {
  const run = (emitter: EventEmitter, steps: readonly Step[]): readonly string[] => {
    const calls: string[] = [];
    const listeners = [0, 1, 2, 3].map((index) => (value: unknown) => {
      calls.push(`${index} ${value}`);
    });
    for (const [at, { method, event, listener }] of steps.entries()) {
      if (method === 'emit') calls.push(`${emitter.emit(event, at)}`);
      else if (method === 'removeAllListeners') emitter.removeAllListeners(event);
      else emitter[method](event, listeners[listener] as () => void);
      calls.push(
        emitter
          .listeners(event)
          .map((each) => listeners.indexOf(each as never))
          .join(),
      );
    }
    return calls;
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      expect(run(bound(new EventEmitter()), steps)).toEqual(run(new EventEmitter(), steps));
    }),
  );
});

test('a listener that removes itself, or fires its own event, runs once', () => {
  const emitter = bound(new EventEmitter());
  let calls = 0;
  emitter.once('event', () => {
    calls += 1;
    emitter.emit('event');
  });
  emitter.emit('event');
  expect(calls).toBe(1);
});

test('events.once, stream.finished and errorMonitor get the events of a bound stream', async () => {
  const stream = bound(new PassThrough());
  const errors: unknown[] = [];
  stream.on(errorMonitor, (error) => errors.push(error));
  const first = once(stream, 'data');
  stream.end('text');
  expect(await first).toEqual([Buffer.from('text')]);
  await finished(stream);
  const failing = bound(new PassThrough());
  failing.on(errorMonitor, (error) => errors.push((error as Error).message));
  failing.destroy(new Error('broken'));
  await expect(finished(failing)).rejects.toThrow('broken');
  expect(errors).toEqual(['broken']);
});

test('an emitter that is bound again keeps its first context', () => {
  const emitter = bound(bound(new EventEmitter(), 'first'), 'second');
  const seen: unknown[] = [];
  emitter.on('event', () => seen.push(storage.getStore()));
  emitter.emit('event');
  expect(seen).toEqual(['first']);
});

test('a listener that is not a function is rejected as by Node.js', () => {
  const emitter = bound(new EventEmitter());
  for (const add of ADD) expect(() => emitter[add]('event', 1 as never)).toThrow(TypeError);
});

test('a method that adds by another one wraps a listener once', () => {
  class Own extends EventEmitter {
    override addListener(event: string, listener: () => void): this {
      return this.on(event, listener);
    }
  }
  const emitter = bound(new Own());
  const listener = (): void => {};
  emitter.addListener('event', listener);
  expect(emitter.listeners('event')).toEqual([listener]);
});

test('an emitter with its own once is left to the context manager of OpenTelemetry', () => {
  class Own extends EventEmitter {
    override once(event: string, listener: () => void): this {
      return this.on(event, listener);
    }
  }
  expect(bindEmitter(new Own(), 'request', storage)).toBe(false);
});

test('requests and responses of node:http are bound without the context manager of OpenTelemetry', () => {
  const request = new IncomingMessage(new Socket());
  for (const emitter of [request, new ServerResponse(request)]) {
    expect(bindEmitter(emitter, 'request', storage)).toBe(true);
  }
});

test.for(ADD)('%s of a bound emitter adds a listener to the object that it is called on', (add) => {
  const methods = ADD.map((name) => [name, bound(new EventEmitter())[name]] as const);
  const { emit, removeListener } = EventEmitter.prototype;
  const mixed = Object.assign(Object.create({ emit, removeListener }), Object.fromEntries(methods));
  const stream = Object.assign(new PassThrough(), Object.fromEntries(methods));
  const calls: string[] = [];
  mixed[add]('event', (value: string) => calls.push(value));
  mixed.emit('event', 'mixed');
  stream[add]('data', (value: string) => calls.push(value));
  stream.emit('data', 'stream');
  expect(calls).toEqual(['mixed', 'stream']);
});

test('a stream with the methods of a bound emitter flows as soon as it has a listener for data', () => {
  const stream = Object.assign(new PassThrough(), { on: bound(new EventEmitter()).on });
  stream.on('data', () => {});
  expect(stream.readableFlowing).toBe(true);
});

test('the context is not printed with an emitter', () => {
  const context = { secret: 'value of the context' };
  const emitter = new EventEmitter();
  bindEmitter(emitter, context, new AsyncLocalStorage<object>());
  expect(inspect(emitter, { depth: 5, showHidden: true })).not.toContain('value of the context');
});

test('emitters of one class have the same methods, and derived objects too', () => {
  const emitter = bound(new EventEmitter(), 'first');
  const derived = Object.create(emitter) as EventEmitter;
  const other = bound(new EventEmitter(), 'second');
  for (const add of ADD) expect(other[add]).toBe(emitter[add]);
  const seen: unknown[] = [];
  derived.on('event', () => seen.push(storage.getStore()));
  other.once('event', () => seen.push(storage.getStore()));
  derived.emit('event');
  other.emit('event');
  expect(seen).toEqual(['first', 'second']);
});
