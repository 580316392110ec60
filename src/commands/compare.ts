import { parseArgs } from 'node:util';
import { type ComparedKind, compareTraces } from '../compare/compare.ts';
import { readDocuments } from '../compare/read-documents.ts';
import { docsUrl } from '../docs-url.ts';

export interface CompareDeps {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const USAGE = `usage: otel-xray compare [options] OLD NEW

Compares the traces of two recordings: names, parents, annotations, metadata, flags, requests and
errors. Ignores ids, times, stacks and the differences listed in
${docsUrl('migration')}.

  npx otel-xray dev --port 2001 --record old.jsonl     # then run the application with the X-Ray SDK
  npx otel-xray dev --record new.jsonl -- node app.js  # then send the same requests
  npx otel-xray compare old.jsonl new.jsonl

Also accepts the output of OTEL_XRAY_DUMP and traces exported by the page.

  --json       print the comparison as JSON
  -h, --help   print this help
`;

/**
 * Runs the `otel-xray compare` command.
 *
 * @returns the exit code: 0 if all traces are equal, 1 if some differ, 2 if an argument is invalid or
 *   a file cannot be read
 */
export async function compare(argv: readonly string[], deps: CompareDeps): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      deps.stdout.write(USAGE);
      return 0;
    }
    const [old, recent, ...rest] = positionals;
    if (old === undefined || recent === undefined || rest.length > 0) {
      throw new Error(`expected two files, got ${positionals.length}`);
    }
    const kinds = compareTraces(await readDocuments(old), await readDocuments(recent));
    deps.stdout.write(values.json ? `${JSON.stringify(kinds, null, 2)}\n` : text(kinds));
    return kinds.every(({ state }) => state === 'equal') ? 0 : 1;
  } catch (error) {
    deps.stderr.write(
      `otel-xray compare: ${(error as Error).message}\nSee otel-xray compare --help\n`,
    );
    return 2;
  }
}

const STATES = ['equal', 'different', 'only old', 'only new'] as const;

function text(kinds: readonly ComparedKind[]): string {
  const lines = kinds.flatMap(({ key, state, lines: diff }) => [
    `${state.padEnd(9)}  ${key}`,
    ...diff.map(({ mark, line }) => `  ${mark} ${line}`),
  ]);
  const counts = STATES.map((state) => [state, kinds.filter((kind) => kind.state === state).length])
    .filter(([, count]) => count !== 0)
    .map(([state, count]) => `${count} ${state}`);
  return `${[...lines, '', counts.join(', ') || 'no traces'].join('\n')}\n`;
}
