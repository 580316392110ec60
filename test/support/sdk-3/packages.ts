import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../../scripts/staleness.mjs';

/** The line of the SDK whose packages need API 1.10. */
export const SDK_3: Readonly<Record<string, string>> = {
  '@opentelemetry/api': '1.10.0',
  '@opentelemetry/context-async-hooks': '3.1.1',
  '@opentelemetry/core': '3.1.1',
  '@opentelemetry/resources': '3.1.1',
  '@opentelemetry/sdk-trace': '3.1.1',
};

/** Where they are installed; npm cannot install them next to SDK 2.x. */
export const SDK_3_FOLDER: string = join(
  root,
  '.cache/sdk-3',
  SDK_3['@opentelemetry/sdk-trace'] as string,
);

const exec = promisify(execFile);

/** Installs SDK 3.x in `.cache` once. */
export async function installSdk3(): Promise<void> {
  if (existsSync(join(SDK_3_FOLDER, 'node_modules/@opentelemetry/sdk-trace'))) return;
  mkdirSync(SDK_3_FOLDER, { recursive: true });
  writeFileSync(join(SDK_3_FOLDER, 'package.json'), JSON.stringify({ private: true }));
  const packages = Object.entries(SDK_3).map(([name, version]) => `${name}@${version}`);
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--save-exact',
    ...packages,
  ];
  await exec('npm', args, { cwd: SDK_3_FOLDER });
}
