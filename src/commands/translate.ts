import { parseArgs } from 'node:util';
import { nestedLines } from '../exporter/batch/nested-lines.ts';
import { MAX_DOCUMENT_BYTES } from '../exporter/limits.ts';
import { readTraceRequest } from '../otlp/read.ts';
import { readLines } from '../read-lines.ts';
import { parseIndexedAttributes, type TranslatorOptions } from '../translator/context/options.ts';
import type { SegmentDocument } from '../translator/document.ts';
import { toDocuments } from '../translator/index.ts';
import type { TranslatableSpan } from '../translator/span.ts';

export interface TranslateDeps {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Generates ids. Tests use deterministic ones. Default: random. */
  readonly randomId?: (() => string) | undefined;
}

interface Output {
  write(text: string): unknown;
}

export const TRANSLATE_USAGE = `otel-xray translate [options] < requests.jsonl

Translates OpenTelemetry spans to X-Ray segment documents. Reads OTLP/JSON trace requests from
standard input, one per line, and writes one JSON line for each span:
  {"span":"<span id>","documents":[…],"error":"<reason if there are none>"}

Options
  --nest              write one line per document, with subsegments embedded in their parents
  --indexed LIST      attributes to record as annotations: a,b=alias,prefix.*
  --index-all         record all attributes as annotations
  --log-groups LIST   CloudWatch log groups of the application
  --validate-time     drop spans whose trace id is too old for X-Ray or in the future
  --no-resource       omit resource attributes from the metadata
  --no-query          omit database query texts
  -h, --help          print this help

An invalid line is reported on standard error and skipped; the exit code is then 1.
`;

/**
 * Runs the `otel-xray translate` command.
 *
 * @param argv the arguments after `translate`
 * @returns the exit code: 0, 1 if a line is invalid, 2 if an option is invalid
 */
export async function translate(argv: readonly string[], io: TranslateDeps): Promise<number> {
  let options: CommandOptions;
  try {
    options = commandOptions(argv);
  } catch (error) {
    io.stderr.write(
      `otel-xray translate: ${(error as Error).message}\nSee otel-xray translate --help\n`,
    );
    return 2;
  }
  if (options.help) {
    io.stdout.write(TRANSLATE_USAGE);
    return 0;
  }
  return translateLines(options, io);
}

interface CommandOptions {
  readonly help: boolean;
  readonly nest: boolean;
  readonly translator: TranslatorOptions;
}

function commandOptions(argv: readonly string[]): CommandOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      nest: { type: 'boolean', default: false },
      indexed: { type: 'string', default: '' },
      'index-all': { type: 'boolean', default: false },
      'log-groups': { type: 'string', default: '' },
      'validate-time': { type: 'boolean', default: false },
      'no-resource': { type: 'boolean', default: false },
      'no-query': { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    nest: values.nest,
    translator: {
      ...parseIndexedAttributes(values.indexed),
      indexAllAttributes: values['index-all'],
      logGroupNames: values['log-groups'].split(',').filter((name) => name.trim() !== ''),
      validateTraceIdTime: values['validate-time'],
      resourceMetadata: values['no-resource'] ? 'none' : 'all',
      recordSqlQuery: !values['no-query'],
    },
  };
}

async function translateLines(options: CommandOptions, io: TranslateDeps): Promise<number> {
  let reason: string | undefined;
  const translator: TranslatorOptions = {
    ...options.translator,
    randomId: io.randomId,
    onDrop: (why) => {
      reason = why;
    },
    onWarning: (message) => io.stderr.write(`${message}\n`),
  };
  let exitCode = 0;
  let lineNumber = 0;
  // A child may be read before its parent, so documents are nested at the end of the input.
  const all: SegmentDocument[] = [];
  for await (const line of readLines(io.stdin)) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    let spans: readonly TranslatableSpan[];
    try {
      spans = readTraceRequest(line);
    } catch (error) {
      io.stderr.write(`line ${lineNumber}: ${(error as Error).message}\n`);
      exitCode = 1;
      continue;
    }
    for (const span of spans) {
      reason = undefined;
      const documents = toDocuments(span, translator);
      const { spanId } = span.spanContext();
      if (options.nest) all.push(...documents);
      else io.stdout.write(`${JSON.stringify({ span: spanId, documents, error: reason })}\n`);
    }
  }
  for (const line of nestedLines(all, MAX_DOCUMENT_BYTES)) io.stdout.write(`${line}\n`);
  return exitCode;
}
