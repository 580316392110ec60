import { trace } from '@opentelemetry/api';
import pino from 'pino';

const log = pino();
trace.getTracer('app').startActiveSpan('order', (span) => {
  log.info('ordered');
  span.end();
});
log.info('outside');
