import { parseArgs } from 'node:util';
import { type LocalXRayOptions, startLocalXRay } from '../local/index.ts';
import { commandEnvironment, endSignal, runCommand } from '../local/run-command.ts';
import { countsLine, mayColor, type Output, showOnTerminal } from '../local/terminal.ts';

export interface DevIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the register entry that a command gets by `--import`. */
  readonly register: string;
  /** Whether standard input is a terminal, which then sends Ctrl-C to the command itself. */
  readonly terminal: boolean;
}

export const DEV_USAGE = `otel-xray dev [options] [-- command …]

X-Ray on this machine: takes what X-Ray SDKs, otel-xray and ADOT send to a daemon, checks it, keeps
it, shows it, and answers X-Ray's API. No AWS account, no keys.

With a command after --, runs it with otel-xray in place and sending here:
  otel-xray dev -- node app.js

Options
  --port N            UDP and TCP port (default 2000; 0 takes a free one)
  --host ADDRESS      address to listen on (default 127.0.0.1)
  --allow-host NAME   answer requests that name this host, too (may be repeated)
  --store FILE        keep the traces in this SQLite file (default: in memory)
  --keep N            traces kept, the oldest go first (default 50000)
  --json              one JSON line for each trace and problem instead of trees
  --force             start in AWS Lambda or with NODE_ENV=production, too
  -h, --help          this text
`;

/** How long the last datagrams of a command that has ended may take, milliseconds. */
const DRAIN_MS = 200;

/**
 * The `otel-xray dev` command.
 *
 * @param argv what stands after `dev`
 * @returns the exit code: the command's own when one was given
 */
export async function dev(argv: readonly string[], io: DevIo): Promise<number> {
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

interface DevOptions {
  readonly xray: LocalXRayOptions;
  readonly json: boolean;
  readonly force: boolean;
  readonly help: boolean;
}

function devOptions(argv: readonly string[]): DevOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'allow-host': { type: 'string', multiple: true },
      store: { type: 'string' },
      keep: { type: 'string' },
      json: { type: 'boolean' },
      force: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return {
    xray: {
      port: wholeNumber('--port', values.port, 0, 65_535),
      host: values.host,
      allowHosts: values['allow-host'],
      store: values.store,
      keep: wholeNumber('--keep', values.keep, 1, 100_000_000),
    },
    json: values.json ?? false,
    force: values.force ?? false,
    help: values.help ?? false,
  };
}

function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new TypeError(
    `${name} ${JSON.stringify(text)}: not a whole number from ${least} to ${most}`,
  );
}

/** Why a development tool should not start here; `undefined` when it may. */
export function unsafePlace(env: DevIo['env']): string | undefined {
  if (env['AWS_LAMBDA_FUNCTION_NAME'] && !env['AWS_SAM_LOCAL']) {
    return 'this is AWS Lambda, which runs its own X-Ray daemon; --force starts here all the same';
  }
  if (env['NODE_ENV'] === 'production') {
    return 'NODE_ENV is production, and this is a development tool; --force starts it all the same';
  }
  return undefined;
}

async function serve(
  { xray: xrayOptions, json }: DevOptions,
  command: readonly string[],
  io: DevIo,
): Promise<number> {
  const ended = endSignal();
  const xray = await startLocalXRay(xrayOptions);
  // A command's standard output belongs to the command.
  const out = json || command.length === 0 ? io.stdout : io.stderr;
  const notes = json ? io.stderr : out;
  notes.write(`otel-xray dev: X-Ray at ${xray.url} (API on TCP, daemon on UDP)\n`);
  const hide = showOnTerminal(xray, { out, json, color: mayColor(out, io.env) });
  try {
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
    hide();
    notes.write(`${countsLine(xray.counts())}\n`);
  }
}
