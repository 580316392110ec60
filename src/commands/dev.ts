import { DEV_USAGE, type DevOptions, devOptions } from '../local/dev-options.ts';
import { type LocalXRay, startLocalXRay } from '../local/index.ts';
import { commandEnvironment, endSignal, runCommand } from '../local/run-command.ts';
import {
  countsLine,
  mayColor,
  showOnTerminal,
  type TerminalView,
  type TextWriter,
  traceSelector,
} from '../local/terminal.ts';

export interface DevDeps {
  readonly stdout: TextWriter;
  readonly stderr: TextWriter;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the register entry point that is loaded into the command with `--import`. */
  readonly register: string;
  /** Directory of the web page's files. Without it, no page is served. */
  readonly page?: string | undefined;
  /** Whether standard input is a terminal, which sends Ctrl-C to the command directly. */
  readonly terminal: boolean;
}

/** How long to wait for the last datagrams after the command has exited, in milliseconds. */
const DRAIN_MS = 200;

/**
 * Runs the `otel-xray dev` command.
 *
 * @param argv the arguments after `dev`
 * @returns the exit code: that of the command, if one was given
 */
export async function dev(argv: readonly string[], io: DevDeps): Promise<number> {
  const split = argv.indexOf('--');
  const command = split === -1 ? [] : argv.slice(split + 1);
  let options: DevOptions;
  try {
    options = devOptions(split === -1 ? argv : argv.slice(0, split));
  } catch (error) {
    io.stderr.write(`otel-xray dev: ${(error as Error).message}\nSee otel-xray dev --help\n`);
    return 2;
  }
  if (options.help) {
    io.stdout.write(DEV_USAGE);
    return 0;
  }
  const refusal = options.force ? undefined : unsafePlace(io.env);
  if (refusal !== undefined) {
    io.stderr.write(`otel-xray dev: ${refusal}\n`);
    return 1;
  }
  try {
    return await serve(options, command, io);
  } catch (error) {
    io.stderr.write(`otel-xray dev: ${(error as Error).message}\n`);
    return 1;
  }
}

/** Returns why the development tool must not start here, or `undefined` if it may. */
export function unsafePlace(env: DevDeps['env']): string | undefined {
  if (env['AWS_LAMBDA_FUNCTION_NAME'] && !env['AWS_SAM_LOCAL']) {
    return 'this is AWS Lambda, which runs its own X-Ray daemon; use --force to start anyway';
  }
  if (env['NODE_ENV'] === 'production') {
    return 'NODE_ENV is production, and this is a development tool; use --force to start anyway';
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|::1)$/.test(host);
}

async function serve(
  { xray: xrayOptions, json, replay, open, show }: DevOptions,
  command: readonly string[],
  io: DevDeps,
): Promise<number> {
  const ended = endSignal();
  const xray = await startLocalXRay({ ...xrayOptions, pageDirectory: io.page });
  // Standard output is reserved for the command.
  const out = json || command.length === 0 ? io.stdout : io.stderr;
  const notes = json ? io.stderr : out;
  notes.write(`otel-xray dev: X-Ray at ${xray.url} (API on TCP, daemon on UDP)\n`);
  if (!isLoopback(xray.host)) {
    notes.write(
      `otel-xray dev: ${xray.host} is reachable from other machines, without authentication\n`,
    );
  }
  const view = showOnTerminal(xray, {
    out,
    json,
    color: mayColor(out, io.env),
    lines: show.lines,
    select: traceSelector(show, xray),
  });
  try {
    for (const file of open) {
      const count = await xray.open(file).catch((error: Error) => {
        throw new Error(`--open ${file}: ${error.message}`);
      });
      notes.write(`otel-xray dev: opened ${count} segment documents from ${file}\n`);
    }
    if (replay !== undefined) await replayed(xray, replay, { view, notes });
    if (command.length === 0) {
      await ended;
      return 0;
    }
    const code = await runCommand({
      command: command as [string, ...string[]],
      env: commandEnvironment(io.env, { daemonAddress: xray.daemonAddress, register: io.register }),
      terminal: io.terminal,
    }).catch((error: NodeJS.ErrnoException) => {
      notes.write(`otel-xray dev: ${command[0]} cannot be started: ${error.message}\n`);
      return error.code === 'ENOENT' ? 127 : 126;
    });
    await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    return code;
  } finally {
    await xray.close();
    view.stop();
    notes.write(`${countsLine(xray.counts())}\n`);
  }
}

/** Interval of progress messages if the output is not a terminal, in milliseconds. */
const PROGRESS_EVERY_MS = 5_000;

/** Replays a recording and reports the progress. */
async function replayed(
  xray: LocalXRay,
  file: string,
  { view, notes }: { readonly view: TerminalView; readonly notes: TextWriter },
): Promise<void> {
  let last = performance.now();
  const messages = await xray.replay(file, (progress) => {
    const percent = Math.floor((progress.bytes / progress.totalBytes) * 100);
    const text = `replay ${percent}%, ${progress.messages} messages`;
    view.progress(text);
    if (notes.isTTY === true || performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    notes.write(`otel-xray dev: ${text}\n`);
  });
  view.progress('');
  notes.write(`otel-xray dev: replayed ${messages} messages from ${file}\n`);
}
