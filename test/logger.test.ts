import { diag } from '@opentelemetry/api';
import { detectResources } from '@opentelemetry/resources';
import { AlwaysOnSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterEach, expect, test, vi } from 'vitest';
import { setLogger } from '../src/logger.ts';

afterEach(() => {
  diag.disable();
  vi.unstubAllEnvs();
});

/** Runs `work` with the logger and returns what it wrote. */
function logged(level: 'warn' | 'debug', work: () => void): string[] {
  const lines: string[] = [];
  setLogger(level, (line) => lines.push(line));
  work();
  return lines.filter((line) => !line.startsWith('debug @opentelemetry/api: Registered'));
}

const ONCE = ' (logged once; OTEL_LOG_LEVEL=debug logs every occurrence)\n';
const failure = (message: string): Error =>
  Object.assign(new Error(message), { stack: `Error: ${message}\n    at app.js:1:1` });

test.for([
  {
    rule: 'a message of another package loses its stack',
    work: () => diag.error('pg: hook failed', failure('no row')),
    lines: [`error pg: hook failed Error: no row${ONCE}`],
  },
  {
    rule: 'messages that differ in ids and numbers are one kind',
    work: () => {
      diag.warn(
        'span {traceId: 581cf771a006649127e371903a2de979, spanId: 53995c3f42cd8ad8}, 3 of 4',
      );
      diag.warn(
        'span {traceId: 581cf771a006649127e371903a2de978, spanId: 53995c3f42cd8ad7}, 1 of 2',
      );
    },
    lines: [
      `warn span {traceId: 581cf771a006649127e371903a2de979, spanId: 53995c3f42cd8ad8}, 3 of 4${ONCE}`,
    ],
  },
  {
    rule: 'a component logger is a kind of its own',
    work: () => {
      for (const namespace of ['a', 'b', 'a']) {
        diag.createComponentLogger({ namespace }).warn('hook failed', { code: 1 });
      }
    },
    lines: [`warn a hook failed {"code":1}${ONCE}`, `warn b hook failed {"code":1}${ONCE}`],
  },
  {
    rule: 'line breaks become spaces',
    work: () => diag.warn('first\n    second'),
    lines: [`warn first second${ONCE}`],
  },
  {
    rule: 'our own messages keep everything and may repeat',
    work: () => {
      diag.warn('otel-xray: rules:\n  a');
      diag.warn('otel-xray: rules:\n  a', failure('x'));
    },
    lines: [
      'warn otel-xray: rules:\n  a\n',
      'warn otel-xray: rules:\n  a Error: x\n    at app.js:1:1\n',
    ],
  },
  {
    rule: 'variables that the configuration has validated',
    work: () => {
      vi.stubEnv('OTEL_TRACES_SAMPLER', 'xray');
      vi.stubEnv('OTEL_SPAN_LINK_COUNT_LIMIT', 'many');
      new NodeTracerProvider({ sampler: new AlwaysOnSampler() });
    },
    lines: [],
  },
  {
    rule: 'resource attributes of a provider that a library creates are read early',
    work: () => {
      const attributes = { 'host.id': Promise.resolve('7') };
      const resource = detectResources({ detectors: [{ detect: () => ({ attributes }) }] });
      expect(resource.attributes).toEqual({});
    },
    lines: [],
  },
  {
    rule: 'an object that cannot be printed',
    work: () =>
      diag.warn('odd', {
        toJSON() {
          throw new Error('no');
        },
      }),
    lines: [`warn odd object${ONCE}`],
  },
])('at the level warn: $rule', ({ work, lines }) => {
  expect(logged('warn', work)).toEqual(lines);
});

test('the operation on an ended span is one line at warn, and everything at debug', () => {
  const work = (): void => {
    const span = new NodeTracerProvider().getTracer('test').startSpan('a');
    span.end();
    span.setAttribute('a', 1);
    span.setAttribute('b', 1);
  };
  const [line = '', ...more] = logged('warn', work);
  expect(line).toMatch(/^warn Cannot execute the operation on ended Span \{[^\n]*\n$/);
  expect(more).toEqual([]);
  const all = logged('debug', work);
  expect(all).toHaveLength(2);
  expect(all[0]).toMatch(/^warn Cannot execute .*\n {4}at /s);
});

test('memory is bounded when messages contain input', () => {
  const lines = logged('warn', () => {
    for (let i = 0; i < 3_000; i += 1) diag.warn(`key k${'x'.repeat(i % 1_500)}`);
  });
  expect(lines).toHaveLength(1_000);
});
