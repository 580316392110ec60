import { context, type Span, trace } from '@opentelemetry/api';
import { recordOnce } from '../spans/request-errors.ts';
import { setPageRoute } from '../spans/request-route.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { routeIdName } from './route-ids.ts';

const NAME = 'tanstack-start';

interface Route {
  readonly id?: string;
  readonly fullPath?: string;
  readonly options?: { readonly loader?: unknown };
}

/** A function that `createServerFn` creates. */
interface ServerFunction {
  /** Path at which the browser calls it, with its id. */
  readonly url?: string;
  readonly serverFnMeta?: {
    readonly id: string;
    readonly name?: string;
    readonly filename?: string;
  };
}

/** Its result, or what it threw. */
interface Result {
  readonly result?: unknown;
  readonly error?: unknown;
}

/** What an edited build of TanStack Start calls. Those with a result return what the edited expression was. */
export interface TanStackCalls {
  exactMatch<T>(route: Route | undefined, isExact: T): T;
  /** Called with the function that a browser calls. */
  calledFunction(fn: ServerFunction): void;
  serverFunction<T extends Result>(fn: ServerFunction, run: () => Promise<T>): Promise<T>;
  loader<T>(route: Route, run: () => T): T;
}

/** Traces TanStack Start, whose router and server functions are a part of the server that it builds. */
export const tanStackCalls: TanStackCalls = {
  exactMatch(route, isExact) {
    attempt(NAME, () => {
      if (isExact) setPageRoute(context.active(), route?.fullPath?.replace(/(.)\/$/, '$1'));
    });
    return isExact;
  },
  calledFunction(fn) {
    attempt(NAME, () => {
      const { id, name } = fn.serverFnMeta ?? {};
      if (id === undefined || name === undefined) return;
      setPageRoute(context.active(), fn.url?.replace(id, name));
    });
  },
  serverFunction(fn, run) {
    return runInSpan(
      NAME,
      () => startFunction(fn),
      (span) => (span === undefined ? run() : withRecordedError(span, run())),
    );
  },
  loader(route, run) {
    return runInSpan(NAME, () => startLoader(route), run, { record });
  },
};

function startFunction({ serverFnMeta }: ServerFunction): Span | undefined {
  if (trace.getActiveSpan() === undefined) return undefined;
  const { id, name, filename } = serverFnMeta ?? {};
  return trace
    .getTracer(`otel-xray/${NAME}`)
    .startSpan(['server function', name].join(' ').trim(), {
      attributes: {
        ...(id !== undefined && { 'tanstack.function.id': id }),
        ...(filename !== undefined && { 'tanstack.function.file': filename }),
      },
    });
}

function startLoader({ id, options }: Route): Span | undefined {
  if (options?.loader === undefined || trace.getActiveSpan() === undefined) return undefined;
  return trace.getTracer(`otel-xray/${NAME}`).startSpan(`loader ${routeIdName(id ?? '')}`);
}

async function withRecordedError<T extends Result>(span: Span, running: Promise<T>): Promise<T> {
  const result = await running;
  attempt(NAME, () => record(span, result.error));
  return result;
}

/** Records an error; redirects and what is not found are answers. */
function record(span: Span, error: unknown): void {
  if (error === undefined || error instanceof Response) return;
  if (Object(error).isNotFound !== true) recordOnce(span, error);
}
