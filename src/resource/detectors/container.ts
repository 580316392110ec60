import type { Detector, ResourceDeps } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

const CGROUP = '/proc/self/cgroup';
const MOUNTS = '/proc/self/mountinfo';

/** Any container: its id, from the kernel's tables. */
export const containerDetector: Detector = {
  detectAsync: async (deps) => withoutEmpty({ 'container.id': await containerId(deps) }),
};

/**
 * The id of the container this process is in.
 *
 * With cgroup version 1 it ends a line of `/proc/self/cgroup`; with version 2 that file says `0::/`
 * and the id stands in the path of the host's file that is mounted as `/etc/hostname`.
 */
export async function containerId(deps: ResourceDeps): Promise<string | undefined> {
  return (
    idFromCgroup((await deps.read(CGROUP)) ?? '') ?? idFromMounts((await deps.read(MOUNTS)) ?? '')
  );
}

/** `docker-…`, `cri-containerd-…`, `crio-…` before, `.scope` behind, or after the last colon. */
const CGROUP_ID = /(?:^|[-:])([0-9a-f]{64}|[0-9a-f]{32}-\d+)(?:\.scope)?$/;

function idFromCgroup(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const id = CGROUP_ID.exec(line.slice(line.lastIndexOf('/') + 1).trim())?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}

const MOUNT_ID = /\/(?:containers|overlay-containers|sandboxes)\/([0-9a-f]{64})\//;

function idFromMounts(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.includes('/etc/hostname'));
  for (const line of lines) {
    const id = MOUNT_ID.exec(line)?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}
