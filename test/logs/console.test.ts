import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { traceTask, xrayTraceId } from '../../src/api.ts';
import { traceConsole } from '../../src/logs/console.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
afterAll(() => tracing.close());

/** A console that records its output. */
function recordedConsole(): { readonly console: Console; text(): string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { console: new Console(stream, stream), text: () => text };
}

const ID = '<id>';

test.for([
  { rule: 'the id is appended to text', data: ['hello'], line: `hello xray_trace_id=${ID}` },
  {
    rule: 'format specifiers still work',
    data: ['%s is %d', 'a', 5],
    line: `a is 5 xray_trace_id=${ID}`,
  },
  {
    rule: 'objects are still formatted as objects',
    data: [{ a: 1 }],
    line: `{ a: 1 } xray_trace_id=${ID}`,
  },
  {
    rule: 'a field is added to a line of JSON',
    data: ['{"a":1,"big":12345678901234567890}'],
    line: `{"a":1,"big":12345678901234567890,"xray_trace_id":"${ID}"}`,
  },
  {
    rule: 'a field is added to an empty JSON object',
    data: ['{ }'],
    line: `{ "xray_trace_id":"${ID}"}`,
  },
  {
    rule: 'JSON that already has the field is not changed',
    data: ['{"xray_trace_id":"own"}'],
    line: '{"xray_trace_id":"own"}',
  },
  {
    rule: 'the id is appended to invalid JSON',
    data: ['{braces}'],
    line: `{braces} xray_trace_id=${ID}`,
  },
])('console: $rule', ({ data, line }) => {
  const { console, text } = recordedConsole();
  traceConsole(console);
  const id = traceTask('work', () => {
    console.log(...data);
    return xrayTraceId();
  });
  expect(text()).toBe(`${line.replace(ID, String(id))}\n`);
});

test('console: nothing is added outside a trace, and the console can be restored', () => {
  const { console, text } = recordedConsole();
  const restore = traceConsole(console);
  console.warn('outside');
  traceConsole(console);
  traceTask('work', () => console.error('once'));
  restore();
  traceTask('work', () => console.info('restored'));
  expect(text()).toMatch(/^outside\nonce xray_trace_id=1-\S+\nrestored\n$/);
});
