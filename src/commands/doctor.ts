import { parseArgs } from 'node:util';
import { type ReadConfig, readConfig } from '../config.ts';
import type { Endpoint } from '../daemon-address.ts';
import { checks, examine } from '../doctor/checks.ts';
import type { ConfigFacts } from '../doctor/facts.ts';
import { likelyDaemons } from '../doctor/gather/elsewhere.ts';
import { gather } from '../doctor/gather.ts';
import { exitCode, reportJson, reportText } from '../doctor/report.ts';
import { INSTRUMENTATIONS } from '../instrumentation/table.ts';
import { enabledInstrumentations } from '../start/instrumentations.ts';
import { configuredServiceName } from '../start/resource.ts';
import { VERSION } from '../version.ts';

export interface DoctorDeps {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** `process.versions.node`. */
  readonly node: string;
  /** Path of the register entry, from which the API resolves as in the app. */
  readonly register: string;
  /** Path of the file that the app gets by `--require`. */
  readonly probe: string;
  /** Name → version of the packages that are compiled in. */
  readonly versions: Readonly<Record<string, string>>;
  readonly now: () => number;
  /** Where to look for a daemon when none is where it should be; the usual places when left out. */
  readonly likelyDaemons?: () => readonly Endpoint[];
}

export const DOCTOR_USAGE = `otel-xray doctor [options] [-- command …]

Looks for what keeps segments from arriving: Node, settings, the way the app starts, copies of
packages, the daemon by UDP and TCP, its rights, the sampling rules, the clock. Sends a test segment.

With a command after --, starts the app for a moment and watches what loads in which order:
  otel-xray doctor -- node --import otel-xray/register app.js

Options
  --json              the findings as JSON
  --no-send           send no test segment; UDP is not looked at then
  --watch SECONDS     how long the app is watched (default 3)
  -h, --help          this text

Exit code: 0 when nothing fails (warnings may remain), 1 when something does, 2 for a wrong option.
`;

/**
 * The `otel-xray doctor` command.
 *
 * @param argv what stands after `doctor`
 * @returns the exit code
 */
export async function doctor(argv: readonly string[], io: DoctorDeps): Promise<number> {
  const split = argv.indexOf('--');
  const command = split === -1 ? [] : argv.slice(split + 1);
  let options: DoctorOptions;
  try {
    options = doctorOptions(split === -1 ? argv : argv.slice(0, split));
  } catch (error) {
    io.stderr.write(`otel-xray doctor: ${(error as Error).message}\nSee otel-xray doctor --help\n`);
    return 2;
  }
  if (options.help) {
    io.stdout.write(DOCTOR_USAGE);
    return 0;
  }
  const read = readConfig(io.env);
  const facts = await gather({
    ...io,
    config: configFacts(read),
    transport: read.config.transport,
    command,
    watchMs: options.watchMs,
    send: options.send,
    own: io.register,
    versions: { 'otel-xray': VERSION, ...io.versions },
    likelyDaemons: io.likelyDaemons ?? likelyDaemons,
  });
  const isEnabled = enabledInstrumentations(read.config);
  const traced = new Set(
    INSTRUMENTATIONS.filter(({ name }) => isEnabled(name)).flatMap(({ modules }) => modules),
  );
  const findings = examine(
    checks((name) => traced.has(name)),
    facts,
  );
  io.stdout.write(options.json ? reportJson(findings) : reportText(findings));
  return exitCode(findings);
}

interface DoctorOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly send: boolean;
  readonly watchMs: number;
}

function doctorOptions(argv: readonly string[]): DoctorOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      json: { type: 'boolean', default: false },
      'no-send': { type: 'boolean', default: false },
      watch: { type: 'string', default: '3' },
    },
  });
  const seconds = Number(values.watch);
  if (!(seconds > 0 && seconds <= 600)) {
    throw new TypeError(`--watch needs seconds from above 0 to 600, got ${values.watch}`);
  }
  return {
    help: values.help,
    json: values.json,
    send: !values['no-send'],
    watchMs: seconds * 1000,
  };
}

function configFacts({ config, origins, problems }: ReadConfig): ConfigFacts {
  return {
    daemon: config.daemonAddress,
    daemonFrom: origins.daemonAddress,
    problems,
    disabled: config.disabled,
    exporters: config.exporters,
    sampler: config.sampler,
    service: configuredServiceName(config),
  };
}
