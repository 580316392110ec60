import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';

if (process.argv[2] === 'required first') createRequire(import.meta.url)('pino');
const { default: pino } = await import('pino');

trace.getTracer('app').startActiveSpan('work', (span) => {
  pino({}, pino.destination({ sync: true })).info(span.spanContext().traceId);
  span.end();
});
