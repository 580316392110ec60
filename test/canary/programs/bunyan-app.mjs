import { trace } from '@opentelemetry/api';
import bunyan from 'bunyan';

const log = bunyan.createLogger({ name: 'shop' });
trace.getTracer('app').startActiveSpan('order', (span) => {
  log.info('ordered');
  span.end();
});
log.info('outside');
