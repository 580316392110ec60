import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BatchWriter } from '../../../src/exporter/batch/batch-writer.ts';
import { truncateDocument } from '../../../src/exporter/batch/truncate.ts';
import { MAX_SPANS } from '../../../src/exporter/batch/whole-request.ts';
import { newCounters } from '../../../src/exporter/counters.ts';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { TemplateCache } from '../../../src/exporter/template-cache/template-cache.ts';
import { toPartialDocuments } from '../../../src/translator/index.ts';
import type { TranslatableSpan } from '../../../src/translator/span.ts';
import { type SpanParts, span } from '../../support/span.ts';

const OPTIONS = { randomId: () => 'e'.repeat(16) };
/** A review after 48 spans, so that the next ones become templates. */
const SOON = [{ samples: 48, interval: 1, templates: 512 }];
/** Times that a request is written until all of it is known. */
const TIMES = 60;
const { resource: RESOURCE } = span();

const idOf = (index: number) => (index + 1).toString(16).padStart(16, '0');
const [TRACE, OTHER_TRACE] = ['a', 'b'].map((digit) => digit.repeat(32)) as [string, string];

/** A span whose id and parent are those at these indexes; a server's if it is the first of its request. */
function child(index: number, parent: number | undefined, parts: SpanParts = {}): TranslatableSpan {
  const isLocal = parent !== undefined && parts.remoteParent !== true;
  const place: SpanParts = {
    kind: isLocal ? 'CLIENT' : 'SERVER',
    name: isLocal ? 'query' : 'GET /cart',
    traceId: TRACE,
    id: idOf(index),
    ...(parent !== undefined && { parent: idOf(parent) }),
  };
  const all: SpanParts = { ...place, ...parts };
  return { ...span(all), resource: RESOURCE };
}

interface Subject {
  readonly cache: TemplateCache;
  readonly counters: ReturnType<typeof newCounters>;
  /** Writes the datagrams of a batch. */
  write(spans: readonly TranslatableSpan[]): readonly string[];
}

function newSubject(maxDocumentBytes = 60_000): Subject {
  const cache = new TemplateCache(OPTIONS, SOON);
  const counters = newCounters();
  const writer = new BatchWriter({
    counters,
    cache,
    translate: (each) => toPartialDocuments(each, OPTIONS),
    truncate: truncateDocument,
    nesting: true,
    maxDocumentBytes,
    maxBatchSize: 512,
  });
  const out = new ByteWriter(8);
  const write = (spans: readonly TranslatableSpan[]) => {
    const datagrams: string[] = [];
    writer.addSpans([...spans]);
    while (!writer.isEmpty) {
      const datagram = writer.writeNext(out);
      if (datagram === undefined) continue;
      datagrams.push(out.bytes.toString('utf8', datagram.start, datagram.end));
    }
    return datagrams;
  };
  return { cache, counters, write };
}

/** A subject that always writes document by document. */
function newStepwise(maxDocumentBytes?: number): Subject {
  const subject = newSubject(maxDocumentBytes);
  vi.spyOn(subject.cache, 'tryWriteInside').mockReturnValue(undefined);
  return subject;
}

const name = fc.constantFrom('GET /cart', 'query', 'é "quoted"');
const attributes = fc.constantFrom(
  {},
  { 'app.item': 'é' },
  { 'app.text': 'x'.repeat(900) },
  { 'http.request.method': 'GET', 'url.full': 'http://stock.internal/1' },
);

/** A call inside a request. */
const callParts: fc.Arbitrary<SpanParts> = fc.record({
  kind: fc.constantFrom('INTERNAL', 'CLIENT', 'PRODUCER', 'CONSUMER'),
  name,
  attributes,
});

const anyParts: fc.Arbitrary<SpanParts> = fc.record(
  {
    kind: fc.constantFrom('INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'),
    name,
    traceId: fc.constantFrom(TRACE, OTHER_TRACE),
    remoteParent: fc.boolean(),
    status: fc.constantFrom({ code: 0 }, { code: 2, message: 'no stock' }),
    attributes: fc.oneof(attributes, fc.constant({ 'aws.span.kind': 'LOCAL_ROOT' })),
    events: fc.constantFrom([], [{ name: 'exception', time: [1, 0] as const, attributes: {} }]),
  },
  { requiredKeys: [] },
);

/** A request whose spans have ended, in any order. */
const tree = fc
  .array(fc.tuple(fc.nat(), callParts), { maxLength: MAX_SPANS - 1 })
  .map((calls) => [
    child(0, undefined),
    ...calls.map(([above, parts], index) => child(index + 1, above % (index + 1), parts)),
  ]);

/** Spans with parents among them or elsewhere, of one trace or of two. */
const anySpans = fc
  .array(fc.tuple(fc.option(fc.nat(25), { nil: undefined }), anyParts), {
    minLength: 1,
    maxLength: MAX_SPANS + 4,
  })
  .map((spans) => spans.map(([parent, parts], index) => child(index, parent, parts)));

const anyRequest = fc
  .oneof({ weight: 3, arbitrary: tree }, { weight: 1, arbitrary: anySpans })
  .chain((spans) => fc.shuffledSubarray(spans, { minLength: spans.length }));

test('law: a request written at once has the bytes of one written document by document', () => {
  fc.assert(
    fc.property(
      fc.array(anyRequest, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1_500, 4_000, 60_000),
      (requests, maxBytes) => {
        const subject = newSubject(maxBytes);
        const stepwise = newStepwise(maxBytes);
        for (let time = 0; time < TIMES; time += 1) {
          for (const request of requests) {
            expect(subject.write(request)).toEqual(stepwise.write(request));
          }
        }
        expect(subject.counters).toEqual(stepwise.counters);
      },
    ),
    { numRuns: 200 },
  );
});

describe('spans of a request', () => {
  const siblings = (count: number) =>
    Array.from({ length: count }, (_, index) => child(index + 1, 0));

  test.for<{ rule: string; spans: readonly TranslatableSpan[]; isWhole: boolean }>([
    { rule: 'one span', spans: [child(0, undefined)], isWhole: true },
    {
      rule: 'one span with a parent elsewhere',
      spans: [child(0, 9, { remoteParent: true })],
      isWhole: true,
    },
    { rule: 'siblings', spans: [...siblings(3), child(0, undefined)], isWhole: true },
    {
      rule: 'a chain',
      spans: [child(2, 1), child(1, 0), child(0, undefined)],
      isWhole: true,
    },
    {
      rule: 'a handler that ends after its request',
      spans: [child(2, 1), child(0, undefined), child(1, 0)],
      isWhole: true,
    },
    {
      rule: 'as many spans as are written at once',
      spans: [...siblings(MAX_SPANS - 1), child(0, undefined)],
      isWhole: true,
    },
    {
      rule: 'one more',
      spans: [...siblings(MAX_SPANS), child(0, undefined)],
      isWhole: false,
    },
    {
      rule: 'a parent that has not ended',
      spans: [child(1, 9), child(2, 0), child(0, undefined)],
      isWhole: false,
    },
    {
      rule: 'a parent of another trace',
      spans: [child(1, 0, { traceId: OTHER_TRACE }), child(0, undefined)],
      isWhole: false,
    },
    { rule: 'a span that is its own parent', spans: [child(0, 0)], isWhole: false },
    {
      rule: 'a cycle beside the request',
      spans: [child(1, 2), child(2, 1), child(0, undefined)],
      isWhole: false,
    },
    {
      rule: 'a segment inside the request',
      spans: [child(1, 0, { kind: 'SERVER' }), child(0, undefined)],
      isWhole: false,
    },
    {
      rule: 'more bytes than a document may have',
      spans: [
        ...siblings(3),
        child(0, undefined, { attributes: { 'app.text': 'x'.repeat(3_300) } }),
      ],
      isWhole: false,
    },
  ])('$rule: written at once is $isWhole', ({ spans, isWhole }) => {
    const subject = newSubject(4_000);
    for (let time = 0; time < TIMES; time += 1) subject.write(spans);
    const oneByOne = vi.spyOn(subject.cache, 'tryWrite');
    const datagrams = subject.write(spans);
    expect(oneByOne).toHaveBeenCalledTimes(isWhole ? 0 : spans.length);
    expect(datagrams).toEqual(newStepwise(4_000).write(spans));
  });
});

test('a span that cannot be read is reported, and the others are written', () => {
  const subject = newSubject();
  const spans = [child(1, 0), child(0, undefined)];
  for (let time = 0; time < TIMES; time += 1) subject.write(spans);
  const broken = {
    ...child(2, 0),
    get attributes(): TranslatableSpan['attributes'] {
      throw new Error('not readable');
    },
  };
  expect(subject.write([broken, ...spans])).toEqual(newStepwise().write(spans));
  expect(subject.counters.dropped.untranslatable).toBe(1);
  expect(subject.counters.queued).toBe(0);
});
