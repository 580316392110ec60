import { URL } from 'node:url';
import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { attempt } from '../wrap/guard.ts';
import { abortError, recordModelError } from './model-errors.ts';

/** What is known of a call of a model before it is made. */
export interface ModelRequest {
  /** Name in the semantic conventions: `chat`, `embeddings`, … */
  readonly operation: string;
  readonly provider: string;
  readonly model: unknown;
  /** Address that the request is posted to. */
  readonly url?: string;
  readonly attributes?: Attributes;
}

/**
 * The span of a call of a model. Nothing here throws.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export class ModelCall {
  readonly instrumentation: string;
  readonly #span: Span;
  /** The context to make the call in. */
  readonly context: Context;
  #isEnded = false;

  /** @returns `undefined` if the request cannot be described; the call is then made without a span */
  static start(instrumentation: string, describe: () => ModelRequest): ModelCall | undefined {
    return attempt(instrumentation, () => new ModelCall(instrumentation, describe()));
  }

  private constructor(instrumentation: string, request: ModelRequest) {
    const { operation, provider, model, url, attributes } = request;
    const hasModel = typeof model === 'string' && model !== '';
    this.instrumentation = instrumentation;
    this.#span = trace
      .getTracer(`otel-xray/${instrumentation}`)
      .startSpan(hasModel ? `${operation} ${model}` : operation, {
        kind: SpanKind.CLIENT,
        attributes: {
          'gen_ai.operation.name': operation,
          'gen_ai.provider.name': provider,
          ...(hasModel && { 'gen_ai.request.model': model }),
          ...serverOf(url),
          ...attributes,
        },
      });
    this.context = trace.setSpan(context.active(), this.#span);
  }

  /** Adds attributes; values that are not known are left out. */
  set(attributes: () => Attributes): void {
    attempt(this.instrumentation, () => this.#span.setAttributes(attributes()));
  }

  /** @param isAborted whether the app aborted the call; by default, whether the error says so */
  fail(error: unknown, isAborted?: boolean): void {
    if (this.#isEnded) return;
    attempt(this.instrumentation, () => {
      const { statusCode, status_code, status = statusCode ?? status_code } = Object(error);
      if (typeof status === 'number') {
        this.#span.setAttribute('http.response.status_code', status);
      }
      recordModelError(this.#span, error, isAborted);
    });
    this.end();
  }

  /** Ends the call of which the app aborted the answer, which the library reports as its end. */
  abort(): void {
    this.fail(abortError());
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    attempt(this.instrumentation, () => this.#span.end());
  }
}

function serverOf(url: string | undefined): Attributes {
  if (url === undefined || !URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  return {
    'http.request.method': 'POST',
    'url.full': url,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
  };
}

/** Returns the address of a method of an API; `undefined` if that of the API is not known. */
export function apiUrl(base: unknown, path: string): string | undefined {
  return typeof base === 'string' ? base.replace(/\/$/, '') + path : undefined;
}

/** Returns the entries of an object that have a value. */
export function known(values: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  ) as Attributes;
}

/**
 * Passes an iterator of the library on and sees its items.
 *
 * @param onItem called with each item
 * @param call ends with the iteration
 * @param isAborted whether the app has aborted the iteration
 */
export function watchedIterator(
  source: AsyncIterator<unknown>,
  call: ModelCall,
  onItem: (item: unknown) => void,
  isAborted: () => boolean = () => false,
): AsyncIterableIterator<unknown> {
  const step = async (
    move: () => Promise<IteratorResult<unknown>>,
    end = () => call.end(),
  ): Promise<IteratorResult<unknown>> => {
    let result: IteratorResult<unknown>;
    try {
      result = await context.with(call.context, move);
    } catch (error) {
      call.fail(error);
      throw error;
    }
    if (result.done !== true) onItem(result.value);
    else end();
    return result;
  };
  const { return: stop, throw: raise } = source;
  return {
    next: (...args) =>
      step(
        () => source.next(...args),
        () => (isAborted() ? call.abort() : call.end()),
      ),
    ...(stop !== undefined && {
      return: (value: unknown) => step(() => stop.call(source, value)).finally(() => call.end()),
    }),
    ...(raise !== undefined && {
      throw: (error: unknown) => step(() => raise.call(source, error)),
    }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
