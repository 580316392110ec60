import { context, type Span, trace } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-mongoose';
import { changeRanges } from '../loading/ranges.ts';
import { markLocalFailure } from './mongoose-errors.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Private members of upstream's class that are changed here. */
interface UpstreamPatches {
  _handleResponse(
    span: Span,
    original: Method,
    self: unknown,
    args: ArrayLike<unknown>,
    callback: unknown,
    version?: string,
  ): unknown;
  _patchDocumentUpdateMethods(): (original: Method) => Method;
}

/** From 9.7 on, mongoose publishes its operations; see `channels/mongoose.ts`. */
const BEFORE_CHANNELS = '>=5.9.7 <9.7.0';

/**
 * Upstream's instrumentation, whose spans are also active while their operation runs. The commands of
 * the driver then hang below the operation, so that the database is one node for both. An operation that
 * fails before is not of the database.
 */
export class MongooseInstrumentation extends upstream.MongooseInstrumentation {
  constructor(config?: object) {
    super(config);
    changeRanges(this, () => BEFORE_CHANNELS);
  }
}

const patches = upstream.MongooseInstrumentation.prototype as unknown as UpstreamPatches;
const { _handleResponse } = patches;

Object.assign(MongooseInstrumentation.prototype, {
  _handleResponse(span, original, self, args, callback, version) {
    const { recordException } = span;
    span.recordException = function (this: Span, error, time) {
      markLocalFailure(this, error);
      recordException.call(this, error, time);
    };
    const outer = context.active();
    const ownCallback = typeof callback === 'function' ? context.bind(outer, callback) : callback;
    return context.with(trace.setSpan(outer, span), () =>
      _handleResponse.call(this, span, original, self, args, ownCallback, version),
    );
  },
  // These methods return a query, whose execution has the span.
  _patchDocumentUpdateMethods() {
    return (original) =>
      function (...args) {
        return original.apply(this, args);
      };
  },
} satisfies UpstreamPatches & ThisType<UpstreamPatches>);
