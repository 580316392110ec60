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
  /** Path of the register entry point, from which the API is resolved. */
  readonly register: string;
  /** Path of the file that is loaded into the application with `--require`. */
  readonly probe: string;
  /** Name → version of the bundled packages. */
  readonly versions: Readonly<Record<string, string>>;
  readonly now: () => number;
  /** Other addresses to try if no daemon responds. By default, the common ones. */
  readonly likelyDaemons?: () => readonly Endpoint[];
}

const DOCTOR_USAGE = `otel-xray doctor [options] [-- command …]

Diagnoses why segments do not arrive. Checks Node.js, the settings, how the application starts,
duplicate packages, the daemon over UDP and TCP, its permissions, the sampling rules and the clock.
Sends a test segment.

With a command after --, starts the application and observes which modules are loaded in which order:
  otel-xray doctor -- node --import otel-xray/register app.js

Options
  --json              print the findings as JSON
  --no-send           do not send a test segment; UDP is not checked
  --watch SECONDS     how long to observe the application (default 3)
  -h, --help          print this help

Exit code: 0 if no check fails (there may be warnings), 1 if a check fails, 2 for an invalid option.
`;

/**
 * Runs the `otel-xray doctor` command.
 *
 * @param argv the arguments after `doctor`
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
    throw new TypeError(
      `--watch must be a number of seconds, greater than 0 and at most 600, got ${values.watch}`,
    );
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
