import { errorMonitor } from 'node:events';
import { types } from 'node:util';
import type { Span } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-grpc';
import serverUtils from '@opentelemetry/instrumentation-grpc/build/src/serverUtils.js';
import { observePromise } from '../../api/follow.ts';
import { recordFailure } from '../spans/record-failure.ts';
import { recordOnce } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { allowListeners } from '../wrap/listener-limits.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';

const NAME = 'grpc';

/** The status with which a server responds to a call that throws. */
const UNKNOWN = 2;

type Call = NodeJS.EventEmitter & { [ended: symbol]: unknown };

/** What upstream calls through the exports of the file. */
interface ServerUtils {
  /** Property of a call with a stream whose span has ended. */
  readonly CALL_SPAN_ENDED: symbol;
  /** @param callback responds to the call; absent where the response is a stream */
  handleServerFunction(
    this: unknown,
    span: Span,
    type: string,
    handler: AnyFunction,
    call: Call,
    callback?: AnyFunction,
  ): unknown;
}

/** Handlers respond with an error, or with an object that has a code and a text. */
interface Failure {
  readonly message?: unknown;
  readonly details?: unknown;
}

/**
 * Upstream's instrumentation, with two changes of the server: the segment of a handler that throws, or whose
 * promise rejects, ends with the error; and a handler that responds with a status has its text as cause.
 */
export const GrpcInstrumentation: typeof upstream.GrpcInstrumentation =
  upstream.GrpcInstrumentation;

const utils = serverUtils as unknown as ServerUtils;
const { CALL_SPAN_ENDED, handleServerFunction } = utils;

Object.assign(utils, {
  handleServerFunction(span, type, handler, call, callback) {
    const fail = (error: unknown, code?: number): void =>
      void attempt(NAME, () => failCall(span, call, error, code));
    const watched = like(handler, function (this: unknown, given, respond, ...rest): unknown {
      const passed = callback && watchedCallback(span, respond as AnyFunction, callback);
      let result: unknown;
      try {
        result = handler.call(this, given, passed ?? respond, ...rest);
      } catch (error) {
        fail(error, UNKNOWN);
        throw error;
      }
      if (!types.isPromise(result)) return result;
      return observePromise(result, { done() {}, failed: fail });
    });
    if (callback === undefined) attempt(NAME, () => watchErrors(span, call));
    return handleServerFunction.call(this, span, type, watched, call, callback);
  },
} satisfies Partial<ServerUtils>);

/**
 * Returns the callback for a handler.
 *
 * @param respond that of upstream, which ends the span
 * @param callback that of the server, which is enough if the span has ended
 */
function watchedCallback(span: Span, respond: AnyFunction, callback: AnyFunction): AnyFunction {
  return function (this: unknown, ...args) {
    if (!span.isRecording()) return callback.apply(this, args);
    attempt(NAME, () => noteStatus(span, args[0]));
    return respond.apply(this, args);
  };
}

/** A handler with a stream emits its error. */
function watchErrors(span: Span, call: Call): void {
  allowListeners(call, 1);
  call.once(errorMonitor, (error) => attempt(NAME, () => noteStatus(span, error)));
}

/** Upstream records name and message of an error, which a status does not have. */
function noteStatus(span: Span, failure: unknown): void {
  const { message, details } = Object(failure) as Failure;
  if (message !== undefined || typeof details !== 'string') return;
  span.setAttributes({ 'grpc.error_name': 'StatusObject', 'grpc.error_message': details });
}

function failCall(span: Span, call: Call, error: unknown, code: number | undefined): void {
  if (!span.isRecording()) return;
  call[CALL_SPAN_ENDED] = true;
  recordOnce(span, error, recordFailure);
  if (code !== undefined) span.setAttribute('rpc.grpc.status_code', code);
  span.end();
}
