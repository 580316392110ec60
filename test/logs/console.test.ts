import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { traceTask, xrayTraceId } from '../../src/api.ts';
import { traceConsole } from '../../src/logs/console.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
afterAll(() => tracing.close());

/** A console and the text it wrote. */
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
  { rule: 'text has the id at its end', data: ['hello'], line: `hello xray_trace_id=${ID}` },
  {
    rule: 'format specifiers keep their values',
    data: ['%s is %d', 'a', 5],
    line: `a is 5 xray_trace_id=${ID}`,
  },
  {
    rule: 'objects stay objects',
    data: [{ a: 1 }],
    line: `{ a: 1 } xray_trace_id=${ID}`,
  },
  {
    rule: 'one line of JSON gets a field',
    data: ['{"a":1,"big":12345678901234567890}'],
    line: `{"a":1,"big":12345678901234567890,"xray_trace_id":"${ID}"}`,
  },
  { rule: 'so does an empty object', data: ['{ }'], line: `{ "xray_trace_id":"${ID}"}` },
  {
    rule: 'JSON that has the field stays',
    data: ['{"xray_trace_id":"own"}'],
    line: '{"xray_trace_id":"own"}',
  },
  {
    rule: 'text that only looks like JSON is text',
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

test('console: outside a trace nothing is added, and it can be put back', () => {
  const { console, text } = recordedConsole();
  const restore = traceConsole(console);
  console.warn('outside');
  traceConsole(console);
  traceTask('work', () => console.error('once'));
  restore();
  traceTask('work', () => console.info('restored'));
  expect(text()).toMatch(/^outside\nonce xray_trace_id=1-\S+\nrestored\n$/);
});
