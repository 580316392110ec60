const { types } = require('node:util');
const { SpanStatusCode, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('app');

function fail(span, error) {
  span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}

/**
 * Runs a function in a span, as an app does by hand where no instrumentation exists. An error may be thrown
 * or returned.
 */
exports.inSpan = function inSpan(name, attributes, run) {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      const result = await run();
      if (types.isNativeError(result)) fail(span, result);
      return result;
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
};
