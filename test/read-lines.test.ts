import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../src/read-lines.ts';

async function linesOf(chunks: readonly (string | Buffer)[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of readLines(
    (async function* () {
      yield* chunks;
    })(),
  )) {
    lines.push(line);
  }
  return lines;
}

test.for([
  { text: '', lines: [] },
  { text: '\n', lines: [''] },
  { text: 'a\nb', lines: ['a', 'b'] },
  { text: 'a\r\nb\r\n', lines: ['a', 'b'] },
  { text: 'a\rb\n', lines: ['a\rb'] },
  { text: '{"a":"\u2028"}\n{"b":"\u2029"}\n', lines: ['{"a":"\u2028"}', '{"b":"\u2029"}'] },
  { text: 'a\u0085b\vc\fd', lines: ['a\u0085b\vc\fd'] },
])('lines of $text', async ({ text, lines }) => {
  expect(await linesOf([text])).toEqual(lines);
});

test('any JSON values, cut into chunks of bytes anywhere, come back one per line', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.json({ stringUnit: 'binary' })),
      fc.integer({ min: 1, max: 9 }),
      async (values, size) => {
        const bytes = Buffer.from(values.map((value) => `${value}\n`).join(''));
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect((await linesOf(chunks)).map((line) => JSON.parse(line))).toEqual(
          values.map((value) => JSON.parse(value)),
        );
      },
    ),
  );
});

test('no source reads lines with node:readline, which splits JSON at U+2028', () => {
  const folder = resolve(import.meta.dirname, '../src');
  const users = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .filter((file) => /from 'node:readline/.test(readFileSync(join(folder, file), 'utf8')));
  expect(users).toEqual([]);
});
