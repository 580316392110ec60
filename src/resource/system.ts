import { arch, hostname, release } from 'node:os';
import { infoOnce, warnOnce } from '../diagnostics.ts';
import { readFile, readFileSync } from '../real-files.ts';
import type { ResourceDeps } from './detector.ts';
import { fetchText } from './fetch-text.ts';

/** Metadata services respond within milliseconds; slower ones do not exist. */
const REQUEST_TIMEOUT_MS = 1_000;

/** Returns the real dependencies of {@link detectResource}. Loads `node:http` at the first request. */
export function systemDeps(env: ResourceDeps['env']): ResourceDeps {
  return {
    env,
    system: {
      hostname: textFrom(hostname),
      arch: arch(),
      platform: process.platform,
      release: textFrom(release),
      pid: process.pid,
      execPath: process.execPath,
      script: mainScript(),
      nodeVersion: process.versions.node,
    },
    readNow(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    read: textOf,
    fetch: (request) => fetchText(request, REQUEST_TIMEOUT_MS),
    // Loaded on use: loading takes milliseconds, and few programs need it.
    uuid: () => process.getBuiltinModule('node:crypto').randomUUID(),
    warn: warnOnce,
    info: infoOnce,
  };
}

function textOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    readFile(path, 'utf8', (error, text) => resolve(error === null ? text : undefined));
  });
}

const CODE_OPTION = /^(?:-e|-p|-pe|--eval|--print)(?:=|$)/;

/** Returns the path of the main script. If options contain code instead, `argv[1]` is an argument. */
function mainScript(): string | undefined {
  return process.execArgv.some((option) => CODE_OPTION.test(option)) ? undefined : process.argv[1];
}

/**
 * Returns the result of a system call; empty if it fails: an attribute without a value is omitted.
 */
function textFrom(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
