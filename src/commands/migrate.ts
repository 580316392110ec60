import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { docsUrl } from '../docs-url.ts';
import { rewritten } from '../migrate/rewrite.ts';
import { type FoundCall, MENTIONS, type ScannedFile, scan } from '../migrate/scan.ts';

export interface MigrateDeps {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly cwd: string;
}

const USAGE = `usage: otel-xray migrate [options] [DIRECTORY]

Lists all X-Ray SDK calls in a project and their replacements. Changes no files without --write.

  --write      delete calls that no longer have an effect, and wrappers such as captureAWSv3Client
  --json       print the list as JSON
  -h, --help   print this help

With node --import otel-xray/register, all calls keep working without changes.
Details on each call: ${docsUrl('migration')}
`;

const EXTENSIONS = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const TYPESCRIPT = /\.(?:[cm]?ts|tsx)$/;
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'coverage']);

interface File {
  /** Path relative to the directory that is searched. */
  readonly path: string;
  readonly text: string;
  readonly scanned: ScannedFile;
}

/**
 * Runs the `otel-xray migrate` command.
 *
 * @returns the exit code: 0, 1 if a file cannot be read or parsed, 2 if an argument is invalid
 */
export async function migrate(argv: readonly string[], deps: MigrateDeps): Promise<number> {
  const options = optionsOf(argv);
  if ('problem' in options) {
    deps.stderr.write(`otel-xray migrate: ${options.problem}\nSee otel-xray migrate --help\n`);
    return 2;
  }
  if (options.help) {
    deps.stdout.write(USAGE);
    return 0;
  }
  const directory = resolve(deps.cwd, options.directory);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    deps.stderr.write(`otel-xray migrate: ${options.directory} is not a directory\n`);
    return 2;
  }
  const problems: string[] = [];
  const files = sourceFiles(directory)
    .map((path) => readSource(directory, path, problems))
    .filter((file) => file !== undefined);
  deps.stdout.write(options.json ? jsonReport(files) : report(files, options.write));
  if (options.write) for (const file of files) writeChanges(directory, file);
  for (const problem of problems) deps.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

interface Options {
  readonly directory: string;
  readonly write: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

function optionsOf(argv: readonly string[]): Options | { readonly problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        write: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [directory = '.', ...rest] = positionals;
    if (rest.length > 0) return { problem: `expected one directory, got ${positionals.join(' ')}` };
    return { directory, ...values };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: false })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : sourceFiles(path);
      }
      return EXTENSIONS.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
    })
    .sort();
}

function readSource(directory: string, path: string, problems: string[]): File | undefined {
  const name = relative(directory, path);
  try {
    const text = readFileSync(path, 'utf8');
    if (!MENTIONS.test(text)) return undefined;
    const isTypeScript = TYPESCRIPT.test(path);
    // `<T>x` is a type assertion in .ts and an element in .tsx.
    const isJsx = !isTypeScript || extname(path) === '.tsx';
    return { path: name, text, scanned: scan(text, isTypeScript, isJsx) };
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}; the file is skipped`);
    return undefined;
  }
}

function writeChanges(directory: string, { path, text, scanned }: File): void {
  const changed = rewritten(text, scanned);
  if (changed !== text) writeFileSync(join(directory, path), changed);
}

function report(files: readonly File[], isWritten: boolean): string {
  const calls = files.flatMap(({ scanned }) => scanned.calls);
  if (files.length === 0) return 'No file uses the X-Ray SDK.\n';
  const lines = files.flatMap(({ path, scanned }) => [
    path,
    ...scanned.calls.map((call) => `  ${place(call)}  ${call.name}  →  ${call.rule.becomes}`),
    '',
  ]);
  const editable = calls.filter(({ edit }) => edit !== undefined).length;
  const packages = new Set(files.flatMap(({ scanned }) => scanned.packages));
  const verb = isWritten ? 'deleted' : 'can be deleted by --write';
  return [
    ...lines,
    `${count(calls.length, 'call')} in ${count(files.length, 'file')}; ${editable} ${verb}, the others work unchanged.`,
    `Packages: ${[...packages].sort().join(', ')}`,
    'Start the application with: node --import otel-xray/register',
    '',
  ].join('\n');
}

function place({ line, column }: FoundCall): string {
  return `${line}:${column}`.padEnd(8);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function jsonReport(files: readonly File[]): string {
  const list = files.map(({ path, scanned }) => ({
    file: path,
    packages: scanned.packages,
    calls: scanned.calls.map(({ name, line, column, rule, edit }) => ({
      name,
      line,
      column,
      kind: rule.kind,
      becomes: rule.becomes,
      isDeletable: edit !== undefined,
    })),
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}
