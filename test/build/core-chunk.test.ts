import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';

/** The chunk that every app loads at its start. */
const core = readdirSync(join(root, 'dist')).filter((file) => /^core-[\w-]+\.cjs$/.test(file));

test('no file names a folder of the machine that built it', () => {
  const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' });
  const code = files.filter((file) => file.endsWith('js'));
  expect(code).toContain('register.cjs');
  const named = code.filter((file) =>
    readFileSync(join(root, 'dist', file), 'utf8').includes(root),
  );
  expect(named).toEqual([]);
});

test('the chunk that every app loads has no parts of the SDK that few apps need', () => {
  expect(core).toHaveLength(1);
  const code = readFileSync(join(root, 'dist', core.join()), 'utf8');
  const classes = [...code.matchAll(/\b(\w+) = class\b|\bclass (\w+)/g)].map(
    ([, assigned, declared]) => assigned ?? declared,
  );
  expect(classes).toContain('TracerProvider');
  const rare =
    /^(?:BatchSpanProcessor|ConsoleSpanExporter|SpanProcessorMetrics|TracerMetrics|AsyncHooksContextManager)/;
  expect(classes.filter((name) => rare.test(name ?? ''))).toEqual([]);
  expect(code).not.toContain('@opentelemetry/instrumentation-pg": "');
});
