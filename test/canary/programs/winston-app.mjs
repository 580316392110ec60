import { trace } from '@opentelemetry/api';
import winston from 'winston';

const log = winston.createLogger({ transports: [new winston.transports.Console()] });
trace.getTracer('app').startActiveSpan('order', (span) => {
  log.info('ordered');
  span.end();
});
log.info('outside');
