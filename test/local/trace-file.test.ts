import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { documentsOfFile } from '../../src/local/export/trace-file.ts';
import { startXRay } from '../../src/testing.ts';
import { entityId, framed, traceId } from '../support/local-xray.ts';

const ROOT = {
  trace_id: traceId(1),
  id: entityId(1),
  name: 'shop',
  start_time: 1_763_600_000,
  end_time: 1_763_600_001,
};
const CHILD = { ...ROOT, id: entityId(2), parent_id: entityId(1), type: 'subsegment' };
const INFERRED = { ...ROOT, id: entityId(3), inferred: true };
const text = (value: unknown): string => JSON.stringify(value);
const batch = (...documents: readonly object[]) => ({
  Traces: [
    {
      Id: traceId(1),
      Segments: documents.map((each) => ({ Id: '1', Document: text(each) })),
    },
  ],
  UnprocessedTraceIds: [],
});

test.for([
  { form: 'aws xray batch-get-traces', file: text(batch(ROOT, CHILD, INFERRED)) },
  { form: 'the same, indented', file: JSON.stringify(batch(ROOT, CHILD), undefined, 4) },
  { form: 'a list of documents', file: text([ROOT, CHILD]) },
  { form: 'a list of document texts', file: text([text(ROOT), text(CHILD)]) },
  { form: 'one document per line', file: `${text(ROOT)}\n\n${text(CHILD)}\r\n` },
  {
    form: 'otel-xray dev --json',
    file: `${text({ type: 'notice', message: 'x' })}\n${text({ type: 'trace', documents: [ROOT, CHILD] })}\n`,
  },
  {
    form: 'a recording',
    file: [framed(ROOT), 'not X-Ray', framed(CHILD)]
      .map((each) => text({ at: 1, text: each }))
      .join('\n'),
  },
  {
    form: 'an exported page',
    file: `<!doctype html><p><script type="application/json" id="otel-xray-traces">${text(batch(ROOT, CHILD))}</script>`,
  },
])('documents of $form', ({ file }) => {
  expect(documentsOfFile(file)).toEqual([ROOT, CHILD]);
});

test.for([
  { file: '', message: 'the file is empty' },
  { file: '{"a":1}', message: 'the file holds no segment documents' },
  { file: '[1]', message: 'the file holds no segment documents' },
  { file: `${text(ROOT)}\nhello\n`, message: 'line 2 is not a segment document' },
  { file: '<html>', message: 'the HTML file was not exported by otel-xray' },
])('refused: $file', ({ file, message }) => {
  expect(() => documentsOfFile(file)).toThrow(message);
});

test('a file is opened regardless of document size; invalid documents become problems', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-open-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'traces.json');
  const large = { ...ROOT, metadata: { default: { text: 'x'.repeat(100_000) } } };
  writeFileSync(file, text(batch(large, { ...CHILD, name: 'a<b' })));
  const xray = await startXRay();
  onTestFinished(() => xray.close());
  expect(await xray.open(file)).toBe(1);
  expect(xray.traces().map(({ id }) => id)).toEqual([traceId(1)]);
  expect(xray.problems()).toMatchObject([{ code: 'InvalidName', via: 'file' }]);
  await expect(xray.open(`${file}.none`)).rejects.toThrow('ENOENT');
});
