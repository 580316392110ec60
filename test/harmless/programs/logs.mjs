// Logs hostile values with several loggers, and prints their lines without times and trace ids.
import { Writable } from 'node:stream';
import { trace } from '@opentelemetry/api';
import bunyan from 'bunyan';
import pino from 'pino';
import winston from 'winston';

const lines = [];
const stream = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});
const loggers = {
  bunyan: bunyan.createLogger({ name: 'l', stream }),
  pino: pino({ base: null }, stream),
  winston: winston.createLogger({ transports: [new winston.transports.Stream({ stream })] }),
};
const constant = { level: 'info', message: 'constant', own: 1 };
const values = [
  Object.freeze({ a: 1 }),
  Object.assign(Object.create(null), { a: 1 }),
  new Error('e'),
  new (class Own {
    constructor() {
      this.a = 1;
    }
  })(),
  new Proxy({ a: 1 }, {}),
];

function log() {
  for (const [name, logger] of Object.entries(loggers)) {
    for (const value of values) {
      try {
        if (name === 'winston') logger.info('m', value);
        else logger.info(value, 'm');
      } catch (error) {
        lines.push(`${name} threw ${error.name}`);
      }
    }
    logger.info('text %s', 'x');
  }
  loggers.winston.log(constant);
}
log();
trace.getTracer('app').startActiveSpan('work', (span) => {
  log();
  span.end();
});

const WITHOUT =
  /,?"(?:time|pid|hostname|stack|span_id|[^"]*trace[^"]*)":(?:"(?:[^"\\]|\\.)*"|\d+)/gi;
setTimeout(() => {
  for (const line of lines) console.log(line.trim().replace(WITHOUT, ''));
  console.log(JSON.stringify(constant), JSON.stringify(values[0]));
}, 50);
