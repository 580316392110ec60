import { types } from 'node:util';
import { type Context, context, createContextKey, type Span } from '@opentelemetry/api';
import { TRACE_HEADER, WRITTEN_TRACE_HEADER } from '../../propagation/header-name.ts';
import { lambdaTraceHeader } from '../../propagation/lambda.ts';
import { attempt } from '../wrap/guard.ts';

const NAME = 'aws-sdk';
const KEY = createContextKey('otel-xray AWS call');

/** The HTTP requests of one AWS call. */
export interface Attempts {
  /** The trace header of the call; `undefined` if nothing is to be sent. */
  readonly header: string | undefined;
  /** The number of requests sent, retries included. */
  count: number;
  /** Size of the last response's body in bytes, if its headers have it. */
  contentLength: number | undefined;
  /** Body of the last response, which may still be arriving. */
  body?: unknown;
}

/** Returns a context in which {@link tracedAttempt} adds `attempts.header` to requests. */
export function withAttempts(parent: Context, attempts: Attempts): Context {
  return parent.setValue(KEY, attempts);
}

/** Records the number of retries and the size of the response. */
export function recordAttempts(span: Span, { count, contentLength }: Attempts): void {
  if (count > 0) span.setAttribute('http.request.resend_count', count - 1);
  if (contentLength !== undefined) span.setAttribute('http.response.body.size', contentLength);
}

type Send = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Wraps the innermost handler of a call, which sends one request. It runs once for each attempt,
 * after the request is signed, so the trace header is never part of a signature.
 */
export function tracedAttempt(send: Send): Send {
  return function sendAttempt(this: unknown, ...args: unknown[]): unknown {
    const attempts = context.active().getValue(KEY) as Attempts | undefined;
    if (attempts === undefined) return send.apply(this, args);
    attempts.count += 1;
    const [first, ...rest] = args;
    const traced = attempt(NAME, () => withTraceHeader(first, attempts.header)) ?? first;
    const result = send.call(this, traced, ...rest);
    if (types.isPromise(result)) {
      result.then(
        (response) => void attempt(NAME, () => readResponse(attempts, response)),
        () => {},
      );
    }
    return result;
  };
}

interface AttemptArguments {
  readonly request?: { readonly headers?: Readonly<Record<string, string>> };
}

/** @returns a copy with the header, or `undefined` if the request must stay as it is */
function withTraceHeader(args: unknown, header: string | undefined): object | undefined {
  const { request } = (args ?? {}) as AttemptArguments;
  const { headers } = request ?? {};
  if (header === undefined || request === undefined || headers === undefined) return undefined;
  const present = Object.keys(headers).filter((name) => name.toLowerCase() === TRACE_HEADER);
  if (present.some((name) => !isReplaceable(headers, headers[name]))) return undefined;
  const others = Object.entries(headers).filter(([name]) => !present.includes(name));
  const copy: object = Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
    headers: { ...Object.fromEntries(others), [WRITTEN_TRACE_HEADER]: header },
  });
  return { ...(args as object), request: copy };
}

/**
 * In Lambda the AWS SDK adds the header of the invocation, which ours replaces: it names the function
 * instead of the call. A header that the app set itself stays, as does one that is signed.
 */
function isReplaceable(headers: Readonly<Record<string, string>>, value: unknown): boolean {
  const authorization = headers['authorization'] ?? headers['Authorization'] ?? '';
  const [, signed = ''] = /SignedHeaders=([^,\s]*)/.exec(authorization) ?? [];
  const isSigned = signed.split(';').includes(TRACE_HEADER);
  const { env } = process;
  return !isSigned && [lambdaTraceHeader({ env }), env['_X_AMZN_TRACE_ID']].includes(String(value));
}

function readResponse(attempts: Attempts, result: unknown): void {
  const { response } = (result ?? {}) as {
    readonly response?: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    };
  };
  attempts.body = response?.body;
  const length = Number(response?.headers?.['content-length'] ?? Number.NaN);
  attempts.contentLength = Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}
