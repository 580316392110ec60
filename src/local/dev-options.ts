import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DEFAULT_DAEMON, parseDaemonAddress } from '../daemon-address.ts';
import { parseFilter } from './filter/parse.ts';
import { otlpUrl } from './outputs.ts';
import type { LocalXRayOptions } from './types.ts';

export interface DevOptions {
  readonly xray: LocalXRayOptions;
  readonly json: boolean;
  readonly force: boolean;
  readonly help: boolean;
  readonly replay: string | undefined;
  /** Files of traces to open at the start. */
  readonly open: readonly string[];
  readonly show: ShowOptions;
}

/** Which traces the terminal shows, and how much of each. */
export interface ShowOptions {
  /** Only traces with an error, fault or throttle in any segment or subsegment. */
  readonly errors: boolean;
  /** Only traces that took at least this long; together with `errors`, either is enough. */
  readonly slowMs: number | undefined;
  /** Only traces that match this filter expression. */
  readonly filter: string | undefined;
  /** Lines printed of each trace; 0 prints all. */
  readonly lines: number;
}

const DEFAULT_LINES = 8 as const;

export const DEV_USAGE: string = `otel-xray dev [options] [-- command …]

Runs X-Ray on this machine: receives traces from otel-xray, X-Ray SDKs and ADOT, checks, stores and
shows them, and serves X-Ray's API. Needs no AWS account and no keys.

With a command after --, runs it with otel-xray preloaded and its traces sent here:
  otel-xray dev -- node app.js

Options
  --port N             UDP and TCP port (default 2000; 0 picks a free one)
  --host ADDRESS       address to listen on (default 127.0.0.1)
  --allow-host NAME    also accept requests with this Host name (repeatable)
  --store FILE         store traces in this SQLite file (default: in memory)
  --keep N             maximum number of traces; the oldest are deleted first (default 50000)
  --rules FILE         sampling rules, in the output format of aws xray get-sampling-rules
  --default-rate R     rate of the sampling rule Default, 0 to 1 (default 1; X-Ray's own is 0.05)
  --errors             print only traces with an error, fault or throttle
  --slow MS            print only traces of at least MS milliseconds
                       (with --errors: traces that failed or were slow)
  --filter EXPR        print only traces that match this X-Ray filter expression
  --lines N            lines printed of each trace (default ${DEFAULT_LINES}; 0 prints all)
  --json               print one JSON line per trace and problem instead of trees
  --forward HOST:PORT  also forward every message to a real daemon
  --otlp URL           also send every trace to an OTLP/HTTP viewer, e.g. http://127.0.0.1:4318
  --record FILE        append every message to a file
  --replay FILE        read the messages of such a file
  --open FILE          open traces exported by the page or by aws xray batch-get-traces (repeatable)
  --strict-age         reject trace ids older than 30 days or more than 5 minutes in the future
  --strict-size        reject documents of traces above 500 KB instead of marking the trace
  --sampling-late-quota  return a quota from the second report on, as X-Ray may
  --force              start even in AWS Lambda or with NODE_ENV=production
  -h, --help           print this help
`;

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  store: { type: 'string' },
  keep: { type: 'string' },
  rules: { type: 'string' },
  'default-rate': { type: 'string' },
  errors: { type: 'boolean' },
  slow: { type: 'string' },
  filter: { type: 'string' },
  lines: { type: 'string' },
  json: { type: 'boolean' },
  forward: { type: 'string' },
  otlp: { type: 'string' },
  record: { type: 'string' },
  replay: { type: 'string' },
  open: { type: 'string', multiple: true },
  'strict-age': { type: 'boolean' },
  'strict-size': { type: 'boolean' },
  'sampling-late-quota': { type: 'boolean' },
  force: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

/**
 * Reads the arguments of `otel-xray dev` up to `--`.
 *
 * @throws {Error} when an option is unknown or invalid; the message quotes it
 */
export function devOptions(argv: readonly string[]): DevOptions {
  const { values } = parseArgs({ args: [...argv], options: FLAGS });
  return {
    xray: {
      port: numberOf('--port', values.port, { min: 0, max: 65_535, whole: true }),
      host: values.host,
      allowHosts: values['allow-host'],
      store: values.store,
      keep: numberOf('--keep', values.keep, { min: 1, max: 100_000_000, whole: true }),
      rules: values.rules === undefined ? undefined : readRules(values.rules),
      defaultRate: numberOf('--default-rate', values['default-rate'], { min: 0, max: 1 }),
      forward: values.forward === undefined ? undefined : daemonOf(values.forward),
      otlp: values.otlp === undefined ? undefined : checkedUrl(values.otlp),
      record: values.record,
      strictAge: values['strict-age'],
      strictSize: values['strict-size'],
      lateQuota: values['sampling-late-quota'],
    },
    json: values.json ?? false,
    force: values.force ?? false,
    help: values.help ?? false,
    replay: values.replay,
    open: values.open ?? [],
    show: {
      errors: values.errors ?? false,
      slowMs: numberOf('--slow', values.slow, { min: 0, max: 1e9 }),
      filter: values.filter === undefined ? undefined : checkedFilter(values.filter),
      lines:
        numberOf('--lines', values.lines, { min: 0, max: 10_000, whole: true }) ?? DEFAULT_LINES,
    },
  };
}

function numberOf(
  name: string,
  text: string | undefined,
  {
    min,
    max,
    whole = false,
  }: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  const form = whole ? /^\d+$/ : /^\d*\.?\d+$/;
  if (form.test(text) && value >= min && value <= max) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new TypeError(`${name} ${JSON.stringify(text)}: expected ${kind} from ${min} to ${max}`);
}

/** Groups are not known yet; their names are checked when the service has started. */
function checkedFilter(text: string): string {
  try {
    parseFilter(text, () => '');
    return text;
  } catch (error) {
    throw new TypeError(`--filter ${JSON.stringify(text)}: ${(error as Error).message}`);
  }
}

function readRules(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TypeError(`--rules ${file}: ${(error as Error).message}`);
  }
}

function daemonOf(text: string): LocalXRayOptions['forward'] {
  try {
    return parseDaemonAddress(text.includes(':') ? text : `${text}:${DEFAULT_DAEMON.udp.port}`).udp;
  } catch (error) {
    throw new TypeError(`--forward: ${(error as Error).message}`);
  }
}

function checkedUrl(text: string): string {
  try {
    return otlpUrl(text);
  } catch {
    throw new TypeError(`--otlp ${JSON.stringify(text)}: expected an http or https URL`);
  }
}
