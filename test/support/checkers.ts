import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { meetsRequirement } from './requirements.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PYTHON = join(ROOT, '.cache/venv/bin/python');

/** Result of a checker. */
export interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

/** Returns whether a command is on `PATH`; prints the reason for a skip if not. */
export function hasCommand(name: string, versionOption = '--version'): boolean {
  const isInstalled = spawnSync(name, [versionOption]).status === 0;
  return meetsRequirement(isInstalled ? undefined : `no command ${name}`);
}

/** Runs a command to its end; the result is `ok` if it exits with 0. */
export function run(command: string, args: readonly string[], input = ''): Verdict {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  return { ok: status === 0, output: error?.message ?? `${stdout}${stderr}` };
}

/** Checks the input of an AWS operation, or a part of it, against the service model. */
export function awsInput(input: unknown, ...operation: readonly string[]): Verdict {
  const script = join(ROOT, 'test/support/aws-input.py');
  return run(PYTHON, [script, ...operation], JSON.stringify(input));
}

/** Checks a file with a CloudFormation or SAM template. */
export function template(file: string): Verdict {
  return python('from cfnlint.runner import main; import sys; sys.exit(main())', file);
}

/** Checks a file with Kubernetes manifests. */
export function manifests(file: string): Verdict {
  const code = 'from kubernetes_validate.__main__ import main; import sys; sys.exit(main())';
  return python(code, '--strict', file);
}

/** Checks a Docker Compose file. */
export function composeFile(file: string): Verdict {
  return builtinSchema('vendor.compose-spec', file);
}

/** Checks a GitHub Actions workflow file. */
export function githubWorkflow(file: string): Verdict {
  return builtinSchema('vendor.github-workflows', file);
}

function builtinSchema(name: string, file: string): Verdict {
  const code = 'from check_jsonschema import main; import sys; sys.exit(main())';
  return python(code, '--builtin-schema', name, file);
}

/** Checks systemd unit files; their commands must exist. */
export function units(...files: readonly string[]): Verdict {
  const { ok, output } = run('systemd-analyze', ['verify', '--man=no', ...files]);
  // Unknown directives only produce output.
  return { ok: ok && output.trim() === '', output };
}

function python(code: string, ...args: readonly string[]): Verdict {
  return run(PYTHON, ['-c', code, ...args]);
}
