import { types } from 'node:util';
import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { recordErrorsOf } from '../spans/graphql-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { annotateOperation, isOwnIntrospection } from './graphql-operation.ts';

const NAME = 'graphql-executor';

/** The functions that run an operation. */
const EXECUTORS = ['execute', 'normalizedExecutor'] as const;

type Execute = (this: unknown, ...args: unknown[]) => unknown;
type Exports = Readonly<Record<string, unknown>>;

interface Definition {
  readonly kind: string;
  readonly operation?: string;
  readonly name?: { readonly value: string };
}

/** The arguments of an execution that name the operation. */
interface ExecutionArgs {
  readonly document?: { readonly definitions?: readonly Definition[] };
  readonly operationName?: string | null;
}

/**
 * Traces operations that run in `@graphql-tools/executor`, as GraphQL Yoga's do, where the `graphql`
 * package only parses and validates.
 */
export class GraphQLExecutorInstrumentation {
  readonly #hook: Hook = new Hook(['@graphql-tools/executor'], {}, (exports) =>
    withTracedExecutors(exports as Exports),
  );

  disable(): void {
    this.#hook.unhook();
  }
}

function withTracedExecutors(exports: Exports): Exports {
  const traced = Object.fromEntries(
    EXECUTORS.filter((name) => typeof exports[name] === 'function').map((name) => [
      name,
      tracedExecutor(exports[name] as Execute),
    ]),
  );
  return withExports(exports, traced);
}

/** One executor calls the other; an operation has one span. */
let running = false;

function tracedExecutor(original: Execute): Execute {
  return function execute(this: unknown, ...args: unknown[]): unknown {
    if (running) return original.apply(this, args);
    const span = attempt(NAME, () => startSpan(args[0] as ExecutionArgs));
    if (span === undefined) return original.apply(this, args);
    running = true;
    let result: unknown;
    let hasReturned = false;
    try {
      const active = trace.setSpan(context.active(), span);
      result = context.with(active, () => original.apply(this, args));
      hasReturned = true;
    } finally {
      running = false;
      if (!hasReturned) attempt(NAME, () => endSpan(span, undefined));
    }
    if (!types.isPromise(result)) {
      attempt(NAME, () => endSpan(span, result));
      return result;
    }
    result.then(
      (value) => void attempt(NAME, () => endSpan(span, value)),
      () => void attempt(NAME, () => endSpan(span, undefined)),
    );
    return result;
  };
}

function startSpan({ document, operationName }: ExecutionArgs): Span | undefined {
  const operations = (document?.definitions ?? []).filter(
    ({ kind }) => kind === 'OperationDefinition',
  );
  const definition = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  const type = definition?.operation;
  const name = definition?.name?.value;
  if (isOwnIntrospection(name)) return undefined;
  const span = trace
    .getTracer('@graphql-tools/executor')
    .startSpan([type ?? 'graphql.execute', name].filter(Boolean).join(' '));
  if (type !== undefined) span.setAttribute('graphql.operation.type', type);
  if (name !== undefined) span.setAttribute('graphql.operation.name', name);
  annotateOperation(span);
  return span;
}

/** @param result of the operation; `undefined` when the executor failed */
function endSpan(span: Span, result: unknown): void {
  recordErrorsOf(span, result);
  if (result === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
