import { basename } from 'node:path';
import type { Detector } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

/**
 * Detects the process. The arguments are not included, since they may contain secrets and resource
 * attributes are shown in the trace. The user is not included either.
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

/** Architectures whose name in Node.js differs from the name in OpenTelemetry. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  arm: 'arm32',
  ppc: 'ppc32',
  x64: 'amd64',
};

/**
 * Detects the host, without `host.id`: the SDK's detector starts a process to read it, and with
 * `cloud.provider=aws` it would be interpreted as an EC2 instance id.
 */
export const hostDetector: Detector = {
  detect: ({ system }) =>
    withoutEmpty({
      'host.name': system.hostname,
      'host.arch': ARCHITECTURES[system.arch] ?? system.arch,
    }),
};

/** Platforms whose name in Node.js differs from the name in OpenTelemetry. */
const SYSTEMS: Readonly<Record<string, string>> = { sunos: 'solaris', win32: 'windows' };

export const osDetector: Detector = {
  detect: ({ system }) =>
    withoutEmpty({
      'os.type': SYSTEMS[system.platform] ?? system.platform,
      'os.version': system.release,
    }),
};

/** Generates a random instance id at each start. */
export const serviceInstanceDetector: Detector = {
  detect: ({ uuid }) => ({ 'service.instance.id': uuid() }),
};
