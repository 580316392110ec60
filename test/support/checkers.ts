import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PYTHON = join(ROOT, '.cache/venv/bin/python');

/** What a checker said of a text. */
export interface Verdict {
  readonly ok: boolean;
  readonly said: string;
}

/** Whether the Python tools are there. Prints what is missing, so that a skip says why. */
export function hasPythonTools(): boolean {
  return isThere(existsSync(PYTHON), 'no .cache/venv/bin/python (scripts/ci-setup.sh makes it)');
}

/** Whether a command is there; prints what is missing. */
export function hasCommand(name: string): boolean {
  return isThere(spawnSync(name, ['--version']).status === 0, `no ${name}`);
}

function isThere(there: boolean, reason: string): boolean {
  if (there) return true;
  if (process.env.CI) throw new Error(`in CI no test may be skipped; ${reason}`);
  process.stdout.write(`skipped: ${reason}\n`);
  return false;
}

/** Runs a command to its end; it is good when it exits with 0. */
export function run(command: string, args: readonly string[], input = ''): Verdict {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  return { ok: status === 0, said: error?.message ?? `${stdout}${stderr}` };
}

/** The input of an AWS operation, or a part of it, against the model of the service. */
export function awsInput(input: unknown, ...operation: readonly string[]): Verdict {
  const script = join(ROOT, 'test/support/aws-input.py');
  return run(PYTHON, [script, ...operation], JSON.stringify(input));
}

/** A CloudFormation or SAM template, in a file. */
export function template(file: string): Verdict {
  return python('from cfnlint.runner import main; import sys; sys.exit(main())', file);
}

/** Kubernetes manifests, in a file. */
export function manifests(file: string): Verdict {
  const code = 'from kubernetes_validate.__main__ import main; import sys; sys.exit(main())';
  return python(code, '--strict', file);
}

/** A Docker compose file. */
export function composeFile(file: string): Verdict {
  const code = 'from check_jsonschema import main; import sys; sys.exit(main())';
  return python(code, '--builtin-schema', 'vendor.compose-spec', file);
}

/** Units of systemd, in files; their commands must exist. */
export function units(...files: readonly string[]): Verdict {
  const { ok, said } = run('systemd-analyze', ['verify', '--man=no', ...files]);
  // What it does not know it only mentions.
  return { ok: ok && said.trim() === '', said };
}

function python(code: string, ...args: readonly string[]): Verdict {
  return run(PYTHON, ['-c', code, ...args]);
}
