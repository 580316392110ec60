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
import { BUNDLE_KEY } from '../../bundle-key.ts';
import { entryFormat } from '../../file-format.ts';
import { isDeveloperTool } from '../../start/entry-point.ts';
import type { StartFacts } from '../facts.ts';
import { AFTER, type Notes, OUT } from '../probe.ts';

export interface StartOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the probe, which is loaded with `--require`. */
  readonly probe: string;
  /** How long to observe the application, in milliseconds. */
  readonly watchMs: number;
}

/** How much longer to wait for the notes of an application that starts slowly, and how often to look. */
const LATE_MS = 20_000;
const POLL_MS = 100;
/** How long to wait after SIGTERM before SIGKILL is sent. */
const END_MS = 2_000;
/** Number of bytes of each file that are searched for bundled packages. */
const MAX_BYTES = 8_000_000;
/** What the bundler plugins add to a file, minified or not. */
const PLUGIN_CODE = new RegExp(`Symbol\\.for\\(["'\`]${BUNDLE_KEY}["'\`]\\)`);

/**
 * Starts the application with the probe, observes it for a while, and stops it.
 *
 * @returns `nothing` if no Node.js process of the command wrote notes
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
    const hasNotes = (): boolean => readdirSync(folder).length > 0;
    const exitCode = await ended(child, options.watchMs + 500, hasNotes);
    const notes = appNotes(folder);
    return notes === undefined ? 'nothing' : startFacts(notes, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves to the exit code, or to `undefined` if the process had to be stopped. */
async function ended(
  child: ChildProcess,
  waitMs: number,
  hasNotes: () => boolean,
): Promise<number | undefined> {
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
    for (let lateMs = 0; lateMs < LATE_MS && !hasNotes(); lateMs += POLL_MS) {
      const next = await Promise.race([done, wait(POLL_MS)]);
      if (next !== late) return next;
    }
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
 * Selects the notes of the application, not those of the process that started it, such as npm, or a
 * tool in `node_modules` that starts the application as a child process (tsx, nodemon). Some tools
 * run the application in-process, so the notes of a tool are used if there are no others.
 */
export function notesOfApp(all: readonly Notes[]): Notes | undefined {
  return (
    all.find(
      ({ entry }) => !isDeveloperTool(entry) && !/[\\/]node_modules[\\/]/.test(entry ?? ''),
    ) ??
    all.find(({ entry }) => !isDeveloperTool(entry)) ??
    all[0]
  );
}

function startFacts(notes: Notes, exitCode: number | undefined): StartFacts {
  const { entry, registered, before, after, failures } = notes;
  const files = [...new Set([...(entry === undefined ? [] : [entry]), ...notes.files])];
  const own = new Set(['otel-xray']);
  const texts = files.map(startOf);
  return {
    entry,
    esm: entryFormat(entry) === 'module',
    registered,
    before: before.filter((name) => !own.has(name)),
    after: after.filter((name) => !own.has(name)),
    bundled: [...new Set(texts.flatMap(bundledPackages))],
    builtWithPlugin: texts.some((text) => PLUGIN_CODE.test(text)),
    failures,
    biggestFile: Math.max(0, ...files.map(sizeOf)),
    exitCode,
  };
}

/**
 * Returns the packages named in the comments and module keys that bundlers write, such as
 * `// node_modules/pg/lib` and `"./node_modules/pg/lib/index.js"(`.
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
