import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';

const PROGRAMS = join(import.meta.dirname, 'profile');

/** The address keeps the traces from a daemon that runs on this machine. */
const ALWAYS = {
  OTEL_SERVICE_NAME: 'profile',
  OTEL_LOG_LEVEL: 'none',
  AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
};

/** What Lambda sets. */
const LAMBDA = {
  AWS_LAMBDA_FUNCTION_NAME: 'profile',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: 'eu-west-1',
  LAMBDA_TASK_ROOT: PROGRAMS,
  _HANDLER: 'function.handler',
};

/** A program and what it finds in its environment. */
type Run = readonly [program: string, env: Readonly<Record<string, string>>];

const STARTS: readonly Run[] = [
  ['app.cjs', {}],
  ['lambda.cjs', LAMBDA],
];

const FIRST_TRACES: readonly Run[] = [
  ['request.cjs', { OTEL_TRACES_SAMPLER: 'always_on' }],
  ['lambda.cjs', { ...LAMBDA, _HANDLER: 'function.answering' }],
  ['lambda.cjs', { ...LAMBDA, _HANDLER: 'function.failing' }],
];

/** Offsets of the functions that a program has run, by file. */
type Profile = ReadonlyMap<string, ReadonlySet<number>>;

/**
 * Makes V8 compile the functions that a first trace runs when it loads their file. It would parse each of
 * them twice: with the file, to find its end, and when it is first called. Files that a start loads are left
 * out: there it gained no time, and took memory, because V8 holds the syntax trees of all these functions at
 * once.
 *
 * Which functions these are is measured: those that every measured program runs that loads their file.
 *
 * @param dist folder of a complete bundle
 * @throws {Error} if a program fails
 * @see https://v8.dev/blog/preparser#pife
 */
export function compileEagerly(dist: string): void {
  const starts = STARTS.map((run) => profileOf(dist, ...run));
  // All programs run before a file changes, because their profiles are offsets.
  const traces = inAll(FIRST_TRACES.map((run) => profileOf(dist, ...run)));
  for (const [file, offsets] of traces) {
    if (starts.some((start) => start.has(file))) continue;
    writeFileSync(file, withEagerFunctions(readFileSync(file, 'utf8'), offsets));
  }
}

/** Returns the functions that are in all profiles that have their file. */
function inAll(profiles: readonly Profile[]): Profile {
  const files = new Set(profiles.flatMap((profile) => [...profile.keys()]));
  return new Map(
    [...files].map((file) => {
      const [first, ...others] = profiles.flatMap((profile) => profile.get(file) ?? []);
      const offsets = [...(first ?? [])].filter((at) => others.every((other) => other.has(at)));
      return [file, new Set(offsets)];
    }),
  );
}

function profileOf(dist: string, program: string, env: Readonly<Record<string, string>>): Profile {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-profile-'));
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', join(dist, 'register.cjs'), join(PROGRAMS, program)],
      { env: { ...ALWAYS, ...env, NODE_V8_COVERAGE: folder }, encoding: 'utf8' },
    );
    // The second report is that of the end of the process.
    const [report] = readdirSync(folder).sort();
    if (status !== 0 || stderr !== '' || report === undefined) {
      throw new Error(`${program} ended with ${status}: ${stderr}`);
    }
    return runFunctions(JSON.parse(readFileSync(join(folder, report), 'utf8')), dist);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What V8 reports: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ScriptCoverage */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

function runFunctions({ result }: Coverage, dist: string): Profile {
  const files = result
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url, functions }) => [fileURLToPath(url), functions] as const)
    .filter(([file]) => file.startsWith(dist + sep));
  return new Map(
    files.map(([file, functions]) => {
      const whole = functions.flatMap(({ ranges }) => ranges.slice(0, 1));
      const run = whole.filter(({ count }) => count > 0);
      return [file, new Set(run.map(({ startOffset }) => startOffset))];
    }),
  );
}

/**
 * Replaces function declarations of a program by variables with the function in parentheses, which V8
 * takes for one that is called at once. They come first, because declarations have their value from the
 * start. `var` is as fast as a declaration; a `const` is checked at each use.
 *
 * @param offsets where these declarations start
 */
export function withEagerFunctions(code: string, offsets: ReadonlySet<number>): string {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const eager = body.filter(
    ({ type, start }) => type === 'FunctionDeclaration' && offsets.has(start),
  );
  if (eager.length === 0) return code;
  const modules = eager.map(({ start }) => moduleOf(code, start));
  const moved = eager.map(({ id, start, end }, at) => {
    const text = `var ${id?.name} = (${code.slice(start, end)});\n`;
    return modules[at] === modules[at - 1] ? text : `\n${modules[at]}\n${text}`;
  });
  const rest = eager.reduceRight((text, { start, end }) => without(text, start, end), code);
  return rest.replace(USE_STRICT, (line) => line + moved.join(''));
}

const USE_STRICT = /^"use strict";\n/;

/** Returns the comment with the path of the module that a place is in, which the bundler writes. */
function moduleOf(code: string, at: number): string {
  const line = code.lastIndexOf('\n// ', at) + 1;
  return code.slice(line, code.indexOf('\n', line));
}

function without(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(end).replace(/^\n/, '');
}

/** A node of ESTree: https://github.com/estree/estree */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name: string } | null;
}
