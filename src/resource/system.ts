import fs from 'node:fs';
import { arch, hostname, release } from 'node:os';
import { infoOnce, warnOnce } from '../diagnostics.ts';
import type { ResourceDeps } from './detector.ts';
import { fetchText } from './fetch-text.ts';

/** Metadata services answer in milliseconds; one that takes longer does not answer at all. */
const REQUEST_LIMIT_MS = 1_000;

/** The real world for {@link detectResource}. Loads `node:http` at the first request only. */
export function systemDeps(env: ResourceDeps['env']): ResourceDeps {
  return {
    env,
    system: {
      hostname: hostname(),
      arch: arch(),
      platform: process.platform,
      release: release(),
      pid: process.pid,
      execPath: process.execPath,
      script: process.argv[1],
      nodeVersion: process.versions.node,
    },
    readNow(path) {
      try {
        return fs.readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    read: (path) => fs.promises.readFile(path, 'utf8').catch(() => undefined),
    fetch: (request) => fetchText(request, REQUEST_LIMIT_MS),
    // Loaded when asked for: it takes milliseconds, and few ask.
    uuid: () => process.getBuiltinModule('node:crypto').randomUUID(),
    warn: warnOnce,
    info: infoOnce,
  };
}
