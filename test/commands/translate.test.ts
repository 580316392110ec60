import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { TRANSLATE_USAGE, translate } from '../../src/commands/translate.ts';
import { numberedIds } from '../support/ids.ts';

const PARENT = {
  traceId: '581cf771a006649127e371903a2de979',
  spanId: '70de5b6f19ff9a0a',
  name: 'GET /cart',
  kind: 2,
  startTimeUnixNano: '1478293361271000000',
  endTimeUnixNano: '1478293361449000000',
};
const CHILD = {
  ...PARENT,
  spanId: '53995c3f42cd8ad8',
  parentSpanId: PARENT.spanId,
  flags: 0x101,
  name: 'pg.query',
  kind: 3,
  attributes: [
    { key: 'db.system.name', value: { stringValue: 'mysql' } },
    { key: 'db.query.text', value: { stringValue: 'SELECT 1' } },
    { key: 'tier', value: { intValue: '2' } },
  ],
};
const RESOURCE = { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] };

const request = (...spans: readonly object[]): string =>
  JSON.stringify({ resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans }] }] });

const FLAT_PARENT =
  '{"name":"checkout","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1478293361.271,"end_time":1478293361.449,"aws":{"xray":{"auto_instrumentation":false}}';

async function run(
  argv: readonly string[],
  input: string,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const code = await translate(argv, {
    stdin: Readable.from([input]),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    randomId: numberedIds(),
  });
  return { code, out, err };
}

test('writes one line for each span, with its documents', async () => {
  const { code, out } = await run(['--no-resource'], `${request(PARENT)}\n\n${request(CHILD)}\n`);
  const lines = out.trimEnd().split('\n');
  expect([code, lines.length]).toEqual([0, 2]);
  expect(lines[0]).toBe(`{"span":"70de5b6f19ff9a0a","documents":[${FLAT_PARENT}}]}`);
});

test('U+2028 and U+2029 inside JSON strings do not end a line', async () => {
  const name = 'GET /a\u2028b\u2029c';
  const { code, out } = await run([], `${request({ ...PARENT, name })}\n${request(PARENT)}\n`);
  expect([code, out.trimEnd().split('\n').length]).toEqual([0, 2]);
});

test('--nest writes one line for each document, even if a child is read before its parent', async () => {
  const { code, out } = await run(
    ['--nest', '--no-resource'],
    `${request(CHILD)}\n${request(PARENT)}\n`,
  );
  expect(code).toBe(0);
  expect(out).toBe(
    `${FLAT_PARENT},"subsegments":[{"name":"mysql","id":"53995c3f42cd8ad8","start_time":1478293361.271,"end_time":1478293361.449,"namespace":"remote","sql":{"url":"pg.query","sanitized_query":"SELECT ?","database_type":"mysql"},"metadata":{"default":{"tier":2}}}]}\n`,
  );
});

test('options are passed to the translator', async () => {
  const argv = ['--indexed', 'tier=level,otel.resource.*', '--no-query', '--log-groups', 'g1,g2'];
  const { out } = await run(argv, request(PARENT, CHILD));
  const [parent, child] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).documents[0]);
  expect(parent.annotations).toEqual({ 'otel.resource.service.name': 'checkout' });
  expect(parent.aws.cloudwatch_logs).toEqual([{ log_group: 'g1' }, { log_group: 'g2' }]);
  expect(child.annotations).toEqual({ level: 2 });
  expect(JSON.stringify(child)).not.toContain('SELECT');
  const all = await run(['--index-all'], request(CHILD));
  expect(JSON.parse(all.out).documents[0].annotations).toEqual({ tier: 2 });
});

test('a span without documents has an error', async () => {
  const dropped = { ...PARENT, spanId: '' };
  const { code, out } = await run(['--validate-time'], `${request(dropped)}\n${request(PARENT)}`);
  const [first, second] = out.trimEnd().split('\n');
  expect([code, first]).toEqual([0, '{"span":"","documents":[],"error":"no valid span id"}']);
  expect(JSON.parse(second ?? '')).toMatchObject({ error: 'trace id too old or in the future' });
});

test('an invalid line is reported, and the other lines are translated', async () => {
  const { code, out, err } = await run(
    [],
    `${request(PARENT)}\nbad\n{"resourceSpans":3}\n${request(CHILD)}`,
  );
  expect([code, out.trimEnd().split('\n').length]).toEqual([1, 2]);
  expect(err).toMatch(/^line 2: .*JSON/m);
  expect(err).toMatch(/^line 3: not a trace request: resourceSpans is not an array$/m);
});

test('empty input is not an error', async () => {
  expect(await run([], '')).toEqual({ code: 0, out: '', err: '' });
});

test.for(['-h', '--help'])('%s prints the usage', async (flag) => {
  expect(await run([flag], '')).toEqual({ code: 0, out: TRANSLATE_USAGE, err: '' });
});

test.for(['--nonsense', 'file.json', '--indexed'])('%s is rejected', async (argument) => {
  const { code, out, err } = await run([argument], '');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^otel-xray translate: .+\nSee otel-xray translate --help\n$/s);
});
