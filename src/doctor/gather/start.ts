import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isEsmEntry, isPackageManager } from '../../start/entry-point.ts';
import type { StartFacts } from '../facts.ts';
import { AFTER, type Notes, OUT } from '../probe.ts';

export interface StartOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the probe, to be required by the app. */
  readonly probe: string;
  /** How long the app is watched, milliseconds. */
  readonly watchMs: number;
}

/** How long an app may take to end after SIGTERM. */
const END_MS = 2_000;
/** As much of a file as is searched for bundled packages. */
const MAX_BYTES = 8_000_000;

/**
 * Starts the app with the probe in it, lets it run for a while, and ends it.
 *
 * @returns `nothing` when no Node process of the command left notes
 */
export async function watchStart(options: StartOptions): Promise<StartFacts | 'nothing'> {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-doctor-'));
  try {
    const [program = '', ...args] = options.command;
    const nodeOptions = `--require ${JSON.stringify(options.probe)} ${options.env['NODE_OPTIONS'] ?? ''}`;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: {
        ...options.env,
        NODE_OPTIONS: nodeOptions.trim(),
        [OUT]: folder,
        [AFTER]: String(options.watchMs),
      },
      stdio: 'ignore',
    });
    const exitCode = await ended(child, options.watchMs + 500);
    const notes = appNotes(folder);
    return notes === undefined ? 'nothing' : startFacts(notes, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The exit code, or `undefined` when the app had to be ended. */
async function ended(child: ChildProcess, waitMs: number): Promise<number | undefined> {
  const done = new Promise<number | undefined>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  const late = Symbol('late');
  const stop = new AbortController();
  const wait = (ms: number): Promise<typeof late> =>
    sleep(ms, late, { signal: stop.signal }).catch(() => late);
  try {
    const first = await Promise.race([done, wait(waitMs)]);
    if (first !== late) return first;
    child.kill('SIGTERM');
    if ((await Promise.race([done, wait(END_MS)])) === late) child.kill('SIGKILL');
    await done;
    return undefined;
  } finally {
    stop.abort();
  }
}

function appNotes(folder: string): Notes | undefined {
  return notesOfApp(
    readdirSync(folder).map(
      (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Notes,
    ),
  );
}

/**
 * The notes of the app itself, not of what started it: npm, or a tool out of `node_modules` such as
 * tsx or nodemon, which starts the app as a child. A tool that runs the app itself is taken last.
 */
export function notesOfApp(all: readonly Notes[]): Notes | undefined {
  return (
    all.find(
      ({ entry }) => !isPackageManager(entry) && !/[\\/]node_modules[\\/]/.test(entry ?? ''),
    ) ??
    all.find(({ entry }) => !isPackageManager(entry)) ??
    all[0]
  );
}

function startFacts(notes: Notes, exitCode: number | undefined): StartFacts {
  const { entry, registered, before, after } = notes;
  const files = [...new Set([...(entry === undefined ? [] : [entry]), ...notes.files])];
  const own = new Set(['otel-xray']);
  return {
    entry,
    esm: isEsmEntry(entry),
    registered,
    before: before.filter((name) => !own.has(name)),
    after: after.filter((name) => !own.has(name)),
    bundled: [...new Set(files.flatMap((file) => bundledPackages(startOf(file))))],
    biggestFile: Math.max(0, ...files.map(sizeOf)),
    exitCode,
  };
}

/**
 * The packages named in the comments and module keys that bundlers leave: `// node_modules/pg/lib`,
 * `"./node_modules/pg/lib/index.js"(`.
 */
export function bundledPackages(text: string): readonly string[] {
  const paths =
    /(?:^\/\/ |["'])(?:\.\.?\/)*node_modules\/(?:\.pnpm\/[^/"'\s]+\/node_modules\/)?((?:@[\w.-]+\/)?[\w.-]+)\/[^"'\n]*(?:\n|["']\s*[(:]|["']\])/gm;
  return [...new Set(Array.from(text.matchAll(paths), ([, name = '']) => name))];
}

function startOf(file: string): string {
  try {
    const handle = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(sizeOf(file), MAX_BYTES));
      return buffer.toString('utf8', 0, readSync(handle, buffer));
    } finally {
      closeSync(handle);
    }
  } catch {
    return '';
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
