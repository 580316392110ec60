import { basename } from 'node:path';
import type { Detector } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

/**
 * The process. Left out on purpose: the arguments (they may hold secrets, and resource attributes
 * are shown in the trace) and the user.
 */
export const processDetector: Detector = {
  detect: ({ system }) =>
    withoutEmpty({
      'process.pid': system.pid,
      'process.executable.name': basename(system.execPath),
      'process.executable.path': system.execPath,
      'process.command': system.script,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': system.nodeVersion,
      'process.runtime.description': 'Node.js',
    }),
};

/** Node's words for processors that OpenTelemetry calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  arm: 'arm32',
  ppc: 'ppc32',
  x64: 'amd64',
};

/**
 * The host, without `host.id`: the SDK's detector starts a process for it, and a machine id beside
 * `cloud.provider=aws` would read as an EC2 instance id.
 */
export const hostDetector: Detector = {
  detect: ({ system }) =>
    withoutEmpty({
      'host.name': system.hostname,
      'host.arch': ARCHITECTURES[system.arch] ?? system.arch,
    }),
};

/** Node's words for systems that OpenTelemetry calls otherwise. */
const SYSTEMS: Readonly<Record<string, string>> = { sunos: 'solaris', win32: 'windows' };

export const osDetector: Detector = {
  detect: ({ system }) =>
    withoutEmpty({
      'os.type': SYSTEMS[system.platform] ?? system.platform,
      'os.version': system.release,
    }),
};

/** A random id of this process, made anew at each start. */
export const serviceInstanceDetector: Detector = {
  detect: ({ uuid }) => ({ 'service.instance.id': uuid() }),
};
