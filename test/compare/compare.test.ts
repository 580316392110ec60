import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { compare } from '../../src/commands/compare.ts';
import { compareTraces } from '../../src/compare/compare.ts';
import { lineDiff } from '../../src/compare/line-diff.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';

let ids = 0;

/** A trace with ids and times of its own. */
function trace(
  fields: Partial<SegmentDocument>,
  ...children: readonly Partial<SegmentDocument>[]
): readonly SegmentDocument[] {
  ids += 1;
  const base = (n: number): SegmentDocument => ({
    name: 'shop',
    id: `${ids}-${n}`,
    trace_id: `1-trace-${ids}`,
    start_time: ids,
    end_time: ids + 1,
  });
  const root = { ...base(0), ...fields };
  return [
    root,
    ...children.map(
      (child, n): SegmentDocument => ({
        ...base(n + 1),
        type: 'subsegment',
        parent_id: root.id,
        ...child,
      }),
    ),
  ];
}

const request = (url: string): Partial<SegmentDocument> => ({
  http: { request: { method: 'GET', url }, response: { status: 200 } },
});

describe('traces of one kind', () => {
  test.each([
    ['ids and times do not count', trace({}), trace({}), 'equal'],
    [
      'numbers in a path do not count',
      trace(request('http://a/o/1')),
      trace(request('http://a/o/22')),
      'equal',
    ],
    [
      'an annotation',
      trace({ annotations: { a: 1 } }),
      trace({ annotations: { a: 2 } }),
      'different',
    ],
    ['a flag', trace({ fault: true }), trace({}), 'different'],
    ['a subsegment that is gone', trace({}, { name: 'x' }), trace({}), 'different'],
    ['how often a trace is there does not count', [...trace({}), ...trace({})], trace({}), 'equal'],
    ['a kind that is gone', trace({ name: 'gone' }), [], 'only old'],
    ['a kind that is new', [], trace({ name: 'new' }), 'only new'],
    [
      'a framework’s handler, whose calls move up',
      trace({}, { name: 'x' }),
      withHandler(),
      'equal',
    ],
  ])('%s', (_rule, before, after, state) => {
    expect(compareTraces(before, after).map((kind) => kind.state)).toEqual([state]);
  });
});

function withHandler(): readonly SegmentDocument[] {
  const [root, handler, inner] = trace({}, { name: 'request handler' }, { name: 'x' });
  return [root, handler, { ...inner, parent_id: handler?.id }] as SegmentDocument[];
}

test('the lines of both trees are a diff', () => {
  const [kind] = compareTraces(
    trace({ user: 'u' }, { name: 'load', annotations: { rows: 1 } }),
    trace({}, { name: 'load', annotations: { rows: 1 }, error: true }),
  );
  expect(kind?.lines.map(({ mark, line }) => mark + line)).toEqual([
    ' shop',
    '-  · user = u',
    '   load',
    '+    · error',
    '     · annotations.rows = 1',
  ]);
});

test('secrets that the X-Ray SDK records are neither shown nor compared', () => {
  const withSecret = (secret: string): readonly SegmentDocument[] =>
    trace(request(`http://api/items?token=${secret}`), {
      name: 'db',
      ...(secret === 'one' && { fault: true }),
      sql: {
        url: `postgres://user:${secret}@h/db`,
        connection_string: `Host=h;Password=${secret}`,
      },
      cause: {
        exceptions: [{ id: '1', message: `no answer of http://u:${secret}@h/`, remote: false }],
      },
    });
  const kinds = compareTraces(withSecret('one'), withSecret('two'));
  expect(kinds.map(({ state }) => state)).toEqual(['different']);
  expect(JSON.stringify(kinds)).not.toMatch(/one|two/);
});

test('a diff has each of the two texts in it', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before, after);
      const side = (mark: string) =>
        diff.filter((line) => line.mark === ' ' || line.mark === mark).map(({ line }) => line);
      expect([side('-'), side('+')]).toEqual([before, after]);
    }),
  );
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  async function command(...argv: string[]) {
    const stdout: string[] = [];
    const stderr: string[] = [];
    const code = await compare(argv, {
      stdout: { write: (text) => stdout.push(text) },
      stderr: { write: (text) => stderr.push(text) },
    });
    return { code, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  const DOCUMENT = JSON.stringify(trace({})[0]);
  const FORMS: Readonly<Record<string, string>> = {
    'dump.jsonl': `${DOCUMENT}\n\n`,
    'recording.jsonl': `${JSON.stringify({ at: 1, text: `{"format":"json","version":1}\n${DOCUMENT}` })}\n`,
    'export.json': JSON.stringify(
      { Traces: [{ Id: '1', Segments: [{ Id: '1', Document: DOCUMENT }] }] },
      null,
      2,
    ),
  };

  test.each(Object.keys(FORMS))('reads %s', async (name) => {
    const dump = file('other.jsonl', `${JSON.stringify(trace({})[0])}\n`);
    expect(await command(file(name, FORMS[name] as string), dump)).toEqual({
      code: 0,
      stdout: 'equal      shop\n\n1 equal\n',
      stderr: '',
    });
  });

  test('exits with 1 if traces differ', async () => {
    const before = file('a', JSON.stringify(trace({ user: 'a' })[0]));
    const after = file('b', JSON.stringify(trace({ user: 'b' })[0]));
    expect(await command(before, after)).toEqual({
      code: 1,
      stdout: `different  shop
    shop
  -   · user = a
  +   · user = b

1 different
`,
      stderr: '',
    });
  });

  test.each([
    [['one'], /expected two files, got 1/],
    [['missing', 'missing'], /ENOENT/],
    [['--nonsense'], /Unknown option/],
  ])('%s is rejected', async (argv, message) => {
    const { code, stderr } = await command(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('an invalid line is reported with its number', async () => {
    const { code, stderr } = await command(file('bad', `${DOCUMENT}\n[1]\n`), file('bad2', ''));
    expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stderr: `otel-xray compare: ${join(folder, 'bad')}: line 2 is neither a recording nor a segment document`,
    });
  });
});
