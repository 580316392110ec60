#!/usr/bin/env node
import { join } from 'node:path';
import { VERSION } from './version.ts';

/**
 * The `otel-xray` command. Each subcommand is a function in `commands/`, loaded when it is asked for.
 */
interface Command {
  readonly about: string;
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  dev: {
    about: 'X-Ray on your machine: shows the traces of a command, without an AWS account',
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
};

const HELP = `otel-xray ${VERSION}: OpenTelemetry for Node.js that speaks native AWS X-Ray

  node --import otel-xray/register app.js   traces an app

Commands:
${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  otel-xray ${name.padEnd(10)} ${about}`)
  .join('\n')}

  otel-xray COMMAND --help   what a command takes
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
    process.stderr.write(`otel-xray: there is no command ${JSON.stringify(name)}\n\n${HELP}`);
    return 2;
  }
  return command.run(argv);
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
