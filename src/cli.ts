#!/usr/bin/env node
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Defined by the build. */
declare const __VERSION__: string | undefined;

// Not imported from version.ts, whose chunk needs the peer: help and version must work without it.
const VERSION: string =
  typeof __VERSION__ === 'string'
    ? __VERSION__
    : (createRequire(import.meta.url)('../package.json') as { version: string }).version;

/**
 * The `otel-xray` command. Each subcommand is a function in `commands/`, loaded on use.
 */
interface Command {
  readonly description: string;
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  dev: {
    description: 'run X-Ray locally and show the traces of a command, without an AWS account',
    run: async (argv) => {
      const { dev } = await import('./commands/dev.ts');
      return dev(argv, {
        stdout: process.stdout,
        stderr: process.stderr,
        env: process.env,
        register: join(import.meta.dirname, 'register.cjs'),
        terminal: process.stdin.isTTY === true,
      });
    },
  },
  translate: {
    description: 'translate OpenTelemetry spans (OTLP/JSON on standard input) to X-Ray documents',
    run: async (argv) => {
      const { translate } = await import('./commands/translate.ts');
      return translate(argv, process);
    },
  },
  explain: {
    description: 'show which sampling rule matches a request, field by field',
    run: async (argv) => {
      const { explainCommand } = await import('./commands/explain.ts');
      return explainCommand(argv, process);
    },
  },
  migrate: {
    description: 'list the X-Ray SDK calls of a project and their replacements',
    run: async (argv) => {
      const { migrate } = await import('./commands/migrate.ts');
      return migrate(argv, {
        stdout: process.stdout,
        stderr: process.stderr,
        cwd: workingDirectory(),
      });
    },
  },
  compare: {
    description: 'compare the traces of two recordings, for example before and after a migration',
    run: async (argv) => {
      const { compare } = await import('./commands/compare.ts');
      return compare(argv, process);
    },
  },
  doctor: {
    description: 'find out why segments do not arrive; sends a test segment',
    run: async (argv) => {
      const { doctor } = await import('./commands/doctor.ts');
      const { COMPILED_IN } = await import('./compiled-in.ts');
      return doctor(argv, {
        stdout: process.stdout,
        stderr: process.stderr,
        env: process.env,
        cwd: workingDirectory(),
        node: process.versions.node,
        register: join(import.meta.dirname, 'register.cjs'),
        probe: join(import.meta.dirname, 'doctor-probe.cjs'),
        versions: COMPILED_IN,
        now: () => Date.now(),
      });
    },
  },
};

/** Not imported: shared code is in a chunk that needs the peer, and the help must work without it. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

const HELP = `otel-xray ${VERSION}: OpenTelemetry for Node.js with native AWS X-Ray output

  node --import otel-xray/register app.js   traces an app

Commands:
${Object.entries(COMMANDS)
  .map(([name, { description }]) => `  otel-xray ${name.padEnd(10)} ${description}`)
  .join('\n')}

  otel-xray COMMAND --help   options of a command
`;

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined || name === '-h' || name === '--help' || name === 'help') {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`otel-xray: unknown command ${JSON.stringify(name)}\n\n${HELP}`);
    return 2;
  }
  return command.run(argv);
}

// `otel-xray translate | head` closes the pipe early; that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const PEER = '@opentelemetry/api';

void main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: NodeJS.ErrnoException) => {
    if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes(PEER)) throw error;
    process.stderr.write(`otel-xray: ${PEER} is not installed; run: npm install ${PEER}\n`);
    process.exitCode = 1;
  },
);
