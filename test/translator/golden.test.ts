import { describe, expect, test } from 'vitest';
import { readTraceRequest } from '../../src/otlp/read.ts';
import type { TranslatorOptions } from '../../src/translator/context/options.ts';
import { KIND } from '../../src/translator/context/span-traits.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';
import { type Recording, recordings } from '../support/fixtures.ts';
import { numberedIds } from '../support/ids.ts';

/**
 * The recorded spans of `test/fixtures/spans` and the documents they become, one folder per file.
 *
 * Update with `npx vitest run test/translator/golden -u`; read the difference before you commit it.
 */
const GOLDEN = '../golden';
/** Random spans are not readable as goldens. The oracle and property tests cover them. */
const UNREADABLE = ['synthetic-seed1'];
/** Recordings that test resource attributes. Other goldens omit them. */
const WITH_RESOURCE = ['manual-resources'];
/** Longer strings are abridged to their start and their length. */
const SHOWN = 300;

describe('golden', () => {
  test.for(readable())('$name', async (recording) => {
    const { name } = recording;
    const text = renderRecording(recording, {
      randomId: numberedIds(),
      resourceMetadata: WITH_RESOURCE.includes(name) ? 'all' : 'none',
      workingDirectory: '/srv/app',
      onWarning: () => {},
    });
    await expect(text).toMatchFileSnapshot(`${GOLDEN}/${name}/documents.json`);
  });
});

function readable(): readonly Recording[] {
  return recordings().filter(({ name }) => !UNREADABLE.includes(name));
}

function renderRecording({ lines }: Recording, options: TranslatorOptions): string {
  const spans = lines().flatMap(readTraceRequest);
  const entries = spans.map((span) => renderSpan(span, toDocuments(span, options)));
  return `[\n${entries.join(',\n')}\n]\n`;
}

/** Renders the name, kind and status of a span, then its documents with one field per line. */
function renderSpan(span: TranslatableSpan, documents: readonly SegmentDocument[]): string {
  const kind = Object.entries(KIND).find(([, number]) => number === span.kind)?.[0] ?? 'none';
  const head = `${line('span', span.name)}, ${line('kind', kind)}, ${line('status', span.status.code)}`;
  return `{ ${head}, "documents": [\n${documents.map(renderDocument).join(',\n')}\n] }`;
}

function renderDocument(document: SegmentDocument): string {
  const fields = Object.entries(document).filter(([, value]) => value !== undefined);
  return `  {\n${fields.map(([key, value]) => `    ${line(key, value)}`).join(',\n')}\n  }`;
}

function line(key: string, value: unknown): string {
  return `${JSON.stringify(key)}: ${JSON.stringify(value, abridged)}`;
}

function abridged(_: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= SHOWN) return value;
  return `${value.slice(0, SHOWN / 2)}… (${value.length} characters)`;
}
