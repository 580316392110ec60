/**
 * Runs a small program with the newest version of each instrumented library and compares its trace with
 * the expected one. Prints which version ranges may be widened.
 *
 *     npm run canary                  all libraries
 *     npm run canary -- express pg    some of them, by the name of their package
 *
 * Exits with 1 if a trace differs or a library cannot be run.
 */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tooNew } from '../src/instrumentation/known-versions.ts';
import {
  type CanaryDeps,
  checkLibrary,
  type Finding,
  findingText,
  summaryText,
} from '../test/canary/canary.ts';
import { LIBRARIES, WITHOUT_PROGRAM } from '../test/canary/libraries.ts';
import type { Library } from '../test/canary/library.ts';
import { goldenFile, libraryTrace, packagesOf } from '../test/canary/run-library.ts';
import buildAndPack from '../test/support/global-setup.ts';
import { installApp } from '../test/support/packed.ts';
import { missingServers, type Servers, startServers } from '../test/support/servers.ts';

const exec = promisify(execFile);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !LIBRARIES.some((other) => other.packageName === name));
if (unknown.length > 0) {
  const names = LIBRARIES.map(({ packageName }) => packageName).join(', ');
  console.error(`no program for ${unknown.join(', ')}; there are programs for ${names}`);
  process.exit(2);
}
const libraries = LIBRARIES.filter(
  ({ packageName }) => wanted.length === 0 || wanted.includes(packageName),
);

const needed = [...new Set(libraries.flatMap(({ servers = [] }) => servers))];
const absent = missingServers(needed);
const present = needed.filter((name) => !absent.includes(name));
buildAndPack();
const servers: Servers | undefined = present.length > 0 ? await startServers(present) : undefined;
const ports = Object.fromEntries(
  present.map((name) => [`PORT_${name}`, String(servers?.ports[name])]),
);

const deps: CanaryDeps = {
  async newest(packageName) {
    const { stdout } = await exec('npm', ['view', packageName, 'version']);
    return stdout.trim();
  },
  tooNew: (packageName, version) => tooNew(packageName, version),
  missing: ({ servers: own = [] }) => {
    const missing = own.filter((name) => absent.includes(name));
    return missing.length === 0
      ? undefined
      : `not installed: ${missing.join(', ')}; run scripts/ci-setup.sh`;
  },
  trace: runProgram,
  golden: (library) => readFileSync(goldenFile(library), 'utf8'),
};

async function runProgram(library: Library, version: string, stated: string): Promise<string> {
  const app = await installApp(...packagesOf(library, version));
  try {
    if (stated !== version) {
      const file = join(app.folder, 'node_modules', library.packageName, 'package.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...manifest, version: stated }));
    }
    return await libraryTrace(app, library, ports);
  } finally {
    app.remove();
  }
}

const findings: Finding[] = [];
const lines: string[] = [];
const print = (line: string): void => {
  lines.push(line);
  console.log(line);
};
try {
  for (const library of libraries) {
    const finding = await checkLibrary(library, deps);
    findings.push(finding);
    print(findingText(finding));
  }
} finally {
  await servers?.[Symbol.asyncDispose]();
}
if (wanted.length === 0) {
  for (const [name, why] of Object.entries(WITHOUT_PROGRAM)) print(`not run ${name}: ${why}`);
}
print(summaryText(findings));
// Shown by GitHub on the page of the workflow run.
const summary = process.env['GITHUB_STEP_SUMMARY'];
if (summary !== undefined && existsSync(summary)) {
  appendFileSync(summary, `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`);
}
process.exitCode = findings.some(({ state }) => state === 'failed') ? 1 : 0;
