const { SpanStatusCode, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('app');

/** Runs a function in a span, as an app does by hand where no instrumentation exists. */
exports.inSpan = function inSpan(name, attributes, run) {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
};
