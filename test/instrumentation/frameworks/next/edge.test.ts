import { join } from 'node:path';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { localRoots } from '../../../../src/api/local-root.ts';
import { traceEdgeFunctions } from '../../../../src/instrumentation/frameworks/next/edge.ts';
import { applyHooks } from '../../../../src/instrumentation/loading/hooks.ts';
import { startTracing } from '../../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const CONTEXT = join('next', 'dist', 'server', 'web', 'sandbox', 'context.js');

interface Instrumentation {
  register?(): unknown;
  onRequestError?(...args: readonly unknown[]): unknown;
}

interface Entries {
  middleware_instrumentation?: PromiseLike<Instrumentation> | Instrumentation;
}

interface Sandbox {
  readonly runtime: { readonly context: { _ENTRIES?: Entries } };
  evaluateInContext(file: string): void;
}

/** A sandbox whose files are functions that define entries. */
function sandboxOf(files: Readonly<Record<string, (entries: Entries) => void>>): Promise<Sandbox> {
  const hook = traceEdgeFunctions(() => trace.getTracer('next.js'));
  const runtime: Sandbox['runtime'] = { context: {} };
  const getModuleContext = async (): Promise<Sandbox> => ({
    runtime,
    evaluateInContext(file) {
      runtime.context._ENTRIES ??= {};
      files[file]?.(runtime.context._ENTRIES);
    },
  });
  const exports = applyHooks({ getModuleContext }, CONTEXT) as {
    getModuleContext: typeof getModuleContext;
  };
  hook.unhook();
  return exports.getModuleContext();
}

/** Passes an error on as Next.js does while it renders a page. */
async function report(sandbox: Sandbox, ...args: readonly unknown[]): Promise<unknown> {
  const instrumentation = await sandbox.runtime.context._ENTRIES?.middleware_instrumentation;
  return await instrumentation?.onRequestError?.(...args);
}

const error = new RangeError('no such order');
const about = { routePath: '/orders/[id]' };

/** Messages of the errors of a request in which the error is reported. */
async function recordedIn(sandbox: Sandbox): Promise<readonly unknown[]> {
  const span = trace.getTracer('http').startSpan('GET', {}, ROOT_CONTEXT);
  const active = setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), { type: RPCType.HTTP, span });
  await context.with(active, () => report(sandbox, error, { path: '/' }, about));
  span.end();
  return tracing.span('GET').events.map(({ attributes }) => attributes?.['exception.message']);
}

test('an error that a page in the Edge runtime reports is recorded, without instrumentation.ts', async () => {
  const sandbox = await sandboxOf({ 'page.js': () => {} });
  sandbox.evaluateInContext('page.js');
  expect(await recordedIn(sandbox)).toEqual(['no such order']);
});

test.each([
  ['a module', (module: Instrumentation) => module],
  ['a promise', (module: Instrumentation) => Promise.resolve(module)],
])('instrumentation.ts gets what it got before, if it is %s', async (_what, entry) => {
  const calls: unknown[] = [];
  const module: Instrumentation = {
    register: () => calls.push('register'),
    onRequestError: (...args) => calls.push(args),
  };
  const sandbox = await sandboxOf({
    'page.js': () => {},
    'instrumentation.js': (entries) => {
      entries.middleware_instrumentation = entry(Object.freeze(module));
    },
  });
  for (const file of ['page.js', 'instrumentation.js', 'instrumentation.js', 'page.js']) {
    sandbox.evaluateInContext(file);
  }
  expect(await recordedIn(sandbox)).toEqual(['no such order']);
  (await sandbox.runtime.context._ENTRIES?.middleware_instrumentation)?.register?.();
  expect(calls).toEqual([[error, { path: '/' }, about], 'register']);
});

test('a module that fails to load rejects only where Next.js awaits it', async () => {
  const failed = Promise.reject(error);
  failed.catch(() => {});
  const sandbox = await sandboxOf({
    'page.js': (entries) => {
      entries.middleware_instrumentation = failed as never;
    },
  });
  sandbox.evaluateInContext('page.js');
  await expect(report(sandbox, error)).rejects.toBe(error);
});
