import { describe, expect, test } from 'vitest';
import { readTraceRequest } from '../../src/otlp/read.ts';
import type { TranslatorOptions } from '../../src/translator/context/options.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';
import { hasBinary } from '../support/binaries.ts';
import { recordings } from '../support/fixtures.ts';
import { type OracleDocument, oracleAnswers, syntheticLines } from '../support/oracle.ts';
import { type SchemaCheck, schemaCheck } from '../support/schema.ts';
import { DIFFERENCES } from './oracle/differences.ts';
import { type Difference, factsOfSpan } from './oracle/facts.ts';

const OPTIONS = { onWarning: () => {} };
/**
 * Fields that must be equal, or differ for a documented reason (docs/spec/translation.md, end of
 * section 12).
 */
const FIELDS = [
  'name',
  'trace_id',
  'parent_id',
  'type',
  'namespace',
  'in_progress',
  'error',
  'fault',
  'throttle',
  'user',
  'http.request.method',
  'http.request.url',
  'http.request.user_agent',
  'http.response.status',
  'aws.operation',
  'aws.account_id',
  'aws.region',
  'aws.request_id',
  'aws.queue_url',
  'aws.table_name',
  'aws.table_names',
  'annotations',
];
/** In milliseconds, for thousands of spans on a busy machine. */
const TIMEOUT_MS = 180_000;
/** In seconds. */
const TIME_TOLERANCE = 1e-6;

interface Outcome {
  /** Number of compared spans. */
  spans: number;
  crashes: number;
  readonly unexplained: string[];
  readonly invalid: string[];
  /** How many differences each row of the specification explains. */
  readonly explained: Map<string, number>;
}

describe.skipIf(!hasBinary('collector-translate'))(
  'against the collector',
  { timeout: TIMEOUT_MS },
  () => {
    const check = schemaCheck();

    test('every recorded span has the same fields as in the collector, or differs for a documented reason', () => {
      const outcome = compare(recordedLines(), check);
      expect(outcome.invalid).toEqual([]);
      expect(outcome.unexplained).toEqual([]);
      expect(outcome.spans).toBeGreaterThan(800);
    });

    test('the same applies to 20,000 random spans', () => {
      const outcome = compare(syntheticLines(20_000, 20_261_120), check);
      report(outcome);
      expect(outcome.invalid).toEqual([]);
      expect(outcome.unexplained).toEqual([]);
      expect(outcome.spans).toBe(20_000);
    });

    test('indexedAttributes produces the same annotations as in the collector', () => {
      const indexedAttributes = ['my.key', 'plain', 'spaced key', 'http.method', 'db.name', 'Ünï'];
      const lines = syntheticLines(2_000, 77);
      const outcome = compare(lines, check, { indexedAttributes }, [
        '--indexed',
        indexedAttributes.join(','),
      ]);
      expect(outcome.invalid).toEqual([]);
      expect(outcome.unexplained).toEqual([]);
    });

    test('spans that crash the collector are translated', () => {
      const outcome = compare(syntheticLines(1_500, 5, '--crash'), check);
      expect(outcome.invalid).toEqual([]);
      expect(outcome.unexplained).toEqual([]);
      expect(outcome.crashes).toBeGreaterThan(0);
      process.stdout.write(
        `the collector crashed on ${outcome.crashes} of 1,500 spans; the translator on none\n`,
      );
    });
  },
);

/** Returns every recorded span that OTLP/JSON can represent, one per line. */
function recordedLines(): readonly string[] {
  return recordings()
    .filter(({ name }) => name !== 'manual-unsayable')
    .flatMap(({ lines }) => lines())
    .flatMap(singly);
}

/** Splits a request into requests with one span each. */
function singly(line: string): readonly string[] {
  const request = JSON.parse(line);
  return request.resourceSpans.flatMap((resourceSpans: { resource: object; scopeSpans: never[] }) =>
    resourceSpans.scopeSpans.flatMap((scopeSpans: { scope: object; spans: never[] }) =>
      scopeSpans.spans.map((item) =>
        JSON.stringify({
          resourceSpans: [
            {
              resource: resourceSpans.resource,
              scopeSpans: [{ scope: scopeSpans.scope, spans: [item] }],
            },
          ],
        }),
      ),
    ),
  );
}

function compare(
  lines: readonly string[],
  check: SchemaCheck,
  own: TranslatorOptions = {},
  theirs: readonly string[] = [],
): Outcome {
  const options = { ...OPTIONS, ...own };
  const outcome: Outcome = {
    spans: 0,
    crashes: 0,
    unexplained: [],
    invalid: [],
    explained: new Map(),
  };
  const answers = oracleAnswers(lines, theirs);
  for (const [i, line] of lines.entries()) {
    const span = readTraceRequest(line)[0] as TranslatableSpan;
    const documents = toDocuments(span, options);
    outcome.spans += 1;
    for (const document of documents) {
      outcome.invalid.push(...check(document).map((fault) => `${document.id} ${fault}`));
    }
    const answer = answers[i];
    if (answer === undefined || answer === 'crash') {
      outcome.crashes += 1;
      continue;
    }
    const readable = wellFormed(line);
    const same = readable === line;
    const seen = same ? span : (readTraceRequest(readable)[0] as TranslatableSpan);
    const compared = same ? documents : toDocuments(seen, options);
    explain(differences(seen, answer.documents ?? [], compared), compared, outcome);
  }
  return outcome;
}

function explain(
  found: readonly Difference[],
  documents: readonly SegmentDocument[],
  outcome: Outcome,
): void {
  for (const difference of found) {
    const { field, theirs, ours, span } = difference;
    const facts = factsOfSpan(span, documents[0]?.type !== 'subsegment');
    const reason = DIFFERENCES.find(
      ({ fields, when }) => fields.includes(field) && when(difference, facts),
    );
    if (reason !== undefined) {
      outcome.explained.set(reason.row, (outcome.explained.get(reason.row) ?? 0) + 1);
    } else if (outcome.unexplained.length < 20) {
      const about = JSON.stringify({
        kind: span.kind,
        parent: span.parentSpanContext,
        status: span.status,
        attributes: span.attributes,
      });
      outcome.unexplained.push(
        `${span.spanContext().spanId} ${field}: ${JSON.stringify(theirs)} ≠ ${JSON.stringify(ours)} ${about}`,
      );
    }
  }
}

function differences(
  span: TranslatableSpan,
  theirs: readonly OracleDocument[],
  ours: readonly SegmentDocument[],
): readonly Difference[] {
  const found: Difference[] = [];
  const add = (field: string, left: unknown, right: unknown): void => {
    found.push({ field, theirs: left, ours: right, span });
  };
  if (theirs.length !== ours.length) add('count', theirs.length, ours.length);
  const { spanId } = span.spanContext();
  const left = theirs.find((document) => document['id'] === spanId);
  const right = ours.find((document) => document.id === spanId);
  if (left === undefined || right === undefined) {
    add('id', left?.['id'], right?.id);
    return found;
  }
  const mine: OracleDocument = JSON.parse(JSON.stringify(right));
  for (const field of FIELDS) {
    const [a, b] = [normal(at(left, field)), normal(at(mine, field))];
    if (a !== b && JSON.stringify(a) !== JSON.stringify(b)) add(field, a, b);
  }
  for (const field of ['start_time', 'end_time'] as const) {
    const [a, b] = [Number(left[field] ?? 0), right[field] ?? 0];
    if (Math.abs(a - b) > TIME_TOLERANCE) add(field, a, b);
  }
  const [a, b] = [exceptions(left), exceptions(mine)];
  if (JSON.stringify(a) !== JSON.stringify(b)) add('cause', a, b);
  return found;
}

function at(document: OracleDocument, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as OracleDocument | undefined)?.[key], document);
}

/** Normalizes a value: `false` counts as absent (R1.23), and keys are sorted. */
function normal(value: unknown): unknown {
  if (value === false || value === null) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Replaces lone surrogates, as the JSON parser of Go does. */
function wellFormed(json: string): string {
  return json.replace(/\\ud[89a-f][0-9a-f]{2}/g, '\ufffd');
}

/** Returns type, message and `remote` of each exception. */
function exceptions(document: OracleDocument): unknown {
  const cause = document['cause'] as { exceptions?: OracleDocument[] } | string | undefined;
  if (typeof cause !== 'object') return undefined;
  return cause.exceptions?.map((exception) => [
    exception['type'] ?? '',
    exception['message'] ?? '',
    exception['remote'] ?? false,
  ]);
}

function report({ explained, spans }: Outcome): void {
  const rows = [...explained].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = rows.map(([row, count]) => `${row}: ${count}`).join(', ');
  process.stdout.write(`${spans} spans; differences from the collector, by reason: ${text}\n`);
}
