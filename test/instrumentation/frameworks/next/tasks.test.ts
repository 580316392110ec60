import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { hrTimeToMilliseconds, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { localRoots } from '../../../../src/api/local-root.ts';
import { onReport } from '../../../../src/instrumentation/frameworks/next/errors.ts';
import {
  NextInstrumentation,
  traceTasks,
} from '../../../../src/instrumentation/frameworks/next/next.ts';
import { applyHooks } from '../../../../src/instrumentation/loading/hooks.ts';
import { placesOf, startTracing } from '../../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
const spans = () => placesOf(tracing.spans());
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const OPTIONS = { spans: true, allSpans: false, tracesFetch: true };
const MANIFESTS: unique symbol = Symbol.for('next.server.manifests') as never;
afterEach(() => {
  Reflect.deleteProperty(globalThis, MANIFESTS);
});

/** The storages of Next.js, as they are after their files have loaded. */
function storages(options = OPTIONS) {
  const next = new NextInstrumentation(options);
  next.disable();
  const tracer = next.tracer(trace.getTracer('next.js'), 'next.js');
  const hooks = traceTasks(() => tracer);
  const load = (name: string, file: string) => {
    const storage = new AsyncLocalStorage<object>();
    const path = join('next/dist/server/app-render', `${file}-async-storage.external.js`);
    applyHooks({ [name]: storage }, path);
    return storage;
  };
  const all = {
    action: load('actionAsyncStorage', 'action'),
    work: load('workAsyncStorage', 'work'),
    unit: load('workUnitAsyncStorage', 'work-unit'),
  };
  hooks.unhook();
  return all;
}

/** Handles a request with these headers, as the server of Next.js does. */
function server(headers: object, work: () => unknown): unknown {
  class BaseServer {
    handleRequestImpl(_request: object): unknown {
      return work();
    }
  }
  const hooks = traceTasks(() => trace.getTracer('next.js'));
  applyHooks({ default: BaseServer }, join('next/dist/server/base-server.js'));
  hooks.unhook();
  return new BaseServer().handleRequestImpl({ headers });
}

/** Runs work in the segment of a request. */
async function inRequest(work: () => unknown): Promise<void> {
  const span = trace.getTracer('http').startSpan('POST', {}, ROOT_CONTEXT);
  const active = setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), { type: RPCType.HTTP, span });
  await context.with(active, async () => work());
  span.end();
}

const call = () => trace.getTracer('undici').startSpan('GET').end();

describe('a server action', () => {
  const ID = '40fbef0e';
  const STORE = { type: 'request' };

  /** Calls an action and renders the page, as Next.js does. */
  async function callAction(action: () => unknown, options = OPTIONS) {
    const { action: actions, unit } = storages(options);
    let outcome: unknown;
    await inRequest(async () => {
      const handle = async () => {
        await undefined;
        const result = await unit.run(STORE, () => action());
        unit.run(STORE, call);
        return result;
      };
      outcome = await actions.run({ isAction: true }, handle).catch((error: unknown) => error);
      call();
    });
    return outcome;
  }

  test('is a subsegment with the calls that it makes', async () => {
    const action = async () => {
      await undefined;
      call();
      return 7;
    };
    expect(await callAction(action)).toBe(7);
    expect(spans()).toEqual([
      'GET below server action',
      'GET below POST',
      'GET below POST',
      'server action below POST',
      'POST below -',
    ]);
  });

  test('is one subsegment, even if a part of it runs in the storage again', async () => {
    const { action: actions, unit } = storages();
    await inRequest(() =>
      actions.run({ isAction: true }, async () => {
        unit.run(STORE, () => unit.run(STORE, call));
      }),
    );
    expect(spans()).toEqual([
      'GET below server action',
      'server action below POST',
      'POST below -',
    ]);
  });

  test('does not start or end where Next.js leaves the storage', async () => {
    const { action: actions, unit } = storages();
    await inRequest(() =>
      actions.run({ isAction: true }, async () => {
        unit.exit(call);
        await unit.run(STORE, async () => {
          await undefined;
          unit.exit(() => {});
          call();
        });
      }),
    );
    expect(spans()).toEqual([
      'GET below POST',
      'GET below server action',
      'server action below POST',
      'POST below -',
    ]);
  });

  test('has an error whose stack is as without its subsegment', async () => {
    const stacks = await Promise.all(
      [OPTIONS, { ...OPTIONS, spans: false }].map((options) =>
        callAction(() => new Error('no such id').stack, options),
      ),
    );
    expect(stacks[0]).toMatch(/no such id\n +at .*next\/tasks\.test/);
    expect(stacks[0]).not.toMatch(/src\/instrumentation/);
    expect(stacks[0]).toBe(stacks[1]);
  });

  test.each([
    ['addToCart', 'server action addToCart'],
    ['$$RSC_SERVER_ACTION_0', 'server action'],
  ])('that is exported as %s has the name %j', async (exportedName, name) => {
    const info = { exportedName, filename: 'app/cart/actions.ts' };
    Object.assign(globalThis, { [MANIFESTS]: { serverActionsManifest: { node: { [ID]: info } } } });
    const { action: actions, unit } = storages();
    await inRequest(() =>
      server({ 'next-action': ID }, () =>
        actions.run({ isAction: true }, async () => unit.run(STORE, call)),
      ),
    );
    expect(tracing.span(name).attributes).toEqual({
      'next.action.id': ID,
      'next.action.file': 'app/cart/actions.ts',
    });
  });

  /** Calls an action that fails, and reports its error as Next.js does. */
  async function failingAction(
    store: object,
    error: Error,
    report = (it: Error) => onReport(it, { routePath: '/cart' }),
  ): Promise<void> {
    const { action: actions, unit, work } = storages();
    await inRequest(async () => {
      await actions
        .run({ isAction: true }, () => unit.run(STORE, () => Promise.reject(error)))
        .catch(() => {});
      unit.run(STORE, () => {});
      work.run(store, () => report(error));
    });
  }

  test('has the error that it throws', async () => {
    await failingAction({ pathWasRevalidated: undefined }, new RangeError('no such id'));
    expect(spans()).toEqual(['server action below POST no such id', 'POST below -']);
  });

  test('has the error that React records on the active span', async () => {
    await failingAction({}, new RangeError('no such id'), (error) =>
      trace.getActiveSpan()?.recordException(error),
    );
    expect(spans()).toEqual(['server action below POST no such id', 'POST below -']);
  });

  test('has no error that may be one of the page that is rendered after it', async () => {
    await failingAction({ pathWasRevalidated: true }, new RangeError('no such page'));
    expect(spans()).toEqual(['server action below POST', 'POST below - no such page']);
  });

  test('ends before the page is rendered', async () => {
    const { action: actions, unit } = storages();
    let renderedMs = 0;
    await inRequest(async () => {
      await actions.run({ isAction: true }, async () => unit.run(STORE, () => {}));
      unit.run(STORE, () => {});
      renderedMs = Date.now();
      while (Date.now() < renderedMs + 5);
    });
    const endedMs = hrTimeToMilliseconds(tracing.span('server action').endTime);
    expect(endedMs).toBeLessThan(renderedMs + 1);
  });

  test('lasts as long as the monotonic clock says, also if it is shorter than a millisecond', async () => {
    const systemClock = vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    const started = performance.now();
    await callAction(() => {
      while (performance.now() === started);
    });
    systemClock.mockRestore();
    expect(hrTimeToMilliseconds(tracing.span('server action').duration)).toBeGreaterThan(0);
  });

  test('has no subsegment if Next.js has none', async () => {
    await callAction(call, { ...OPTIONS, spans: false });
    expect(spans()).toEqual(['GET below POST', 'GET below POST', 'GET below POST', 'POST below -']);
  });

  test.each([
    ['a route handler', { isAction: true, isAppRoute: true }],
    ['a request without an action', { isAction: false }],
  ])('is not %s', async (_what, actionStore) => {
    const { action: actions, unit } = storages();
    await inRequest(() => actions.run(actionStore, () => unit.run(STORE, call)));
    expect(spans()).toEqual(['GET below POST', 'POST below -']);
  });

  test('that cannot be read has no subsegment', async () => {
    const { action: actions } = storages();
    const error = new Error('Body exceeded 1 MB limit.');
    await inRequest(() =>
      expect(actions.run({ isAction: true }, async () => Promise.reject(error))).rejects.toBe(
        error,
      ),
    );
    expect(spans()).toEqual(['POST below -']);
  });
});

describe('after()', () => {
  /** What Next.js does with a task: functions run after the response. */
  function afterContext() {
    const tasks: (() => unknown)[] = [];
    const reported: unknown[] = [];
    class AfterContext {
      after(task: PromiseLike<unknown> | (() => unknown)): void {
        const report = (error: unknown) => this.reportTaskError(typeof task, error);
        if (typeof task === 'function') {
          const run = async () => await (task as () => unknown)();
          tasks.push(AsyncLocalStorage.bind(() => run().catch(report)));
        } else {
          task.then(undefined, (error) => this.reportTaskError('promise', error));
        }
      }
      reportTaskError(...args: readonly unknown[]): void {
        reported.push(args);
      }
    }
    const { work } = storages();
    const store = { afterContext: new AfterContext() };
    const later = (task: PromiseLike<unknown> | (() => unknown)): void =>
      work.run(store, () => (work.getStore() as typeof store).afterContext.after(task));
    const close = () => Promise.all(tasks.map((task) => task()));
    return { later, close, reported };
  }

  test('runs a function as a subsegment of the request, which has ended', async () => {
    const { later, close } = afterContext();
    await inRequest(() => later(call));
    await close();
    expect(spans()).toEqual(['POST below -', 'GET below after', 'after below POST']);
  });

  test('records the error of a function, which Next.js reports as before', async () => {
    const { later, close, reported } = afterContext();
    const error = new RangeError('no mail');
    await inRequest(() => {
      later(async () => Promise.reject(error));
      later(() => {
        throw error;
      });
    });
    await close();
    expect(spans()).toEqual(['POST below -', 'after below POST no mail', 'after below POST']);
    expect(reported).toEqual([
      ['function', error],
      ['function', error],
    ]);
  });

  test('records the error of a promise', async () => {
    const { later, reported } = afterContext();
    const error = new RangeError('no mail');
    await inRequest(async () => {
      later(Promise.resolve(1));
      later(Promise.reject(error));
      await new Promise(setImmediate);
    });
    expect(spans()).toEqual(['after below POST no mail', 'POST below -']);
    expect(reported).toEqual([['promise', error]]);
  });

  test('does not start a trace', async () => {
    const { later, close } = afterContext();
    let calls = 0;
    later(() => {
      calls += 1;
    });
    await close();
    expect(calls).toBe(1);
    expect(spans()).toEqual([]);
  });
});
