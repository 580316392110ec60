import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { traceKeyOf, writeTraceKey } from '../../../src/exporter/encode/trace-key.ts';

const digits = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length });
const xrayForm = fc
  .tuple(digits(8), digits(24))
  .map(([time, random]) => `1-${time.join('')}-${random.join('')}`);
const traceId = fc.oneof(
  xrayForm,
  xrayForm.map((id) => id.replaceAll('-', '').slice(1)),
  xrayForm.map((id) => id.toUpperCase()),
  // In quotes as long as the digits of a trace id.
  fc.constant('x'.repeat(30)),
  fc.string(),
);

function written(key: string): string {
  const out = new ByteWriter(1);
  writeTraceKey(out, key);
  return out.bytes.toString('utf8', 0, out.length);
}

test('the key of a trace id in the form of X-Ray is its hex digits', () => {
  const key = '5759e988bd862e3fe1be46a994272793';
  expect(traceKeyOf('1-5759e988-bd862e3fe1be46a994272793')).toBe(key);
  expect(written(key)).toBe('"1-5759e988-bd862e3fe1be46a994272793"');
});

test('law: a key is written like JSON.stringify of any trace id', () => {
  fc.assert(
    fc.property(traceId, (id) => {
      expect(written(traceKeyOf(id) ?? '')).toBe(JSON.stringify(id));
    }),
  );
});

test('law: two trace ids have the same key only if they are the same', () => {
  fc.assert(
    fc.property(xrayForm, (id) => {
      const plain = id.replaceAll('-', '').slice(1);
      const ids = [id, plain, id.toUpperCase(), `"${plain}"`];
      expect(new Set(ids.map(traceKeyOf)).size).toBe(new Set(ids).size);
    }),
  );
});
