import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { afterAll, expect, test } from 'vitest';
import { traceTask, xrayTraceId } from '../../src/api.ts';
import { logInstrumentationOptions } from '../../src/logs/hook.ts';
import { startTracing } from '../support/tracing.ts';

// The instrumentations patch `require`, which the imports of the test runner do not use.
const require = createRequire(import.meta.url);
const tracing = startTracing();
afterAll(() => tracing.close());

/** A stream that records the lines written to it. */
function sink(): { readonly stream: Writable; lines(): Record<string, unknown>[] } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return {
    stream,
    lines: () =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

interface Log {
  info(fields: object, message: string): void;
}

interface Library {
  readonly name: string;
  readonly className: string;
  readonly create: (library: never, stream: Writable) => Log;
}

const LIBRARIES: readonly Library[] = [
  {
    name: 'pino',
    className: 'PinoInstrumentation',
    create: (pino: (options: object, stream: Writable) => Log, stream) => pino({}, stream),
  },
  {
    name: 'winston',
    className: 'WinstonInstrumentation',
    create: (winston: typeof import('winston'), stream) => {
      const logger = winston.createLogger({
        format: winston.format.json(),
        transports: [new winston.transports.Stream({ stream })],
      });
      return { info: (fields, message) => void logger.info(message, fields) };
    },
  },
  {
    name: 'bunyan',
    className: 'BunyanInstrumentation',
    create: (bunyan: { createLogger(options: object): Log }, stream) =>
      bunyan.createLogger({ name: 'app', streams: [{ stream }] }),
  },
];

function available({ name }: Library): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    process.stdout.write(`skipped: ${name} is not installed\n`);
    return false;
  }
}

/** A logger of the real library, instrumented with these options, and its output. */
function instrumented(library: Library, field: string | undefined) {
  const exports = require(`@opentelemetry/instrumentation-${library.name}`);
  const instrumentation: Instrumentation = new exports[library.className](
    logInstrumentationOptions(field),
  );
  for (const key of Object.keys(require.cache)) {
    if (key.includes(`/node_modules/${library.name}/`)) delete require.cache[key];
  }
  instrumentation.setTracerProvider(tracing.provider);
  const out = sink();
  const log = library.create(require(library.name) as never, out.stream);
  return { log, lines: out.lines, close: () => instrumentation.disable() };
}

test.for(LIBRARIES.filter(available))(
  '$name: lines inside a trace have the trace id',
  (library) => {
    const { log, lines, close } = instrumented(library, 'xray_trace_id');
    log.info({}, 'outside');
    const id = traceTask('work', () => {
      log.info({ a: 1 }, 'inside');
      log.info({ xray_trace_id: 'own' }, 'own field');
      return xrayTraceId();
    });
    close();
    expect(lines().map((line) => [line['a'], line['xray_trace_id']])).toEqual([
      [undefined, undefined],
      [1, id],
      [undefined, 'own'],
    ]);
    expect(id).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  },
);

test.for(LIBRARIES.filter(available))(
  '$name: with the field none, lines are not changed',
  (library) => {
    const { log, lines, close } = instrumented(library, undefined);
    traceTask('work', () => log.info({ a: 1 }, 'inside'));
    close();
    expect(Object.keys(lines()[0] ?? {})).not.toContain('trace_id');
    expect(lines().map((line) => [line['a'], line['xray_trace_id']])).toEqual([[1, undefined]]);
  },
);
