import type { Detector, ResourceDeps } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

const CGROUP = '/proc/self/cgroup';
const MOUNTS = '/proc/self/mountinfo';

/** Detects the id of any container from `/proc`. */
export const containerDetector: Pick<Required<Detector>, 'detectAsync'> = {
  detectAsync: async (deps) => withoutEmpty({ 'container.id': await containerId(deps) }),
};

/**
 * Returns the id of the container in which this process runs.
 *
 * With cgroup version 1, lines of `/proc/self/cgroup` end with the id. With version 2, that file
 * contains `0::/`, and the id is part of the path of the host file mounted as `/etc/hostname`.
 */
export async function containerId(deps: ResourceDeps): Promise<string | undefined> {
  return (
    idFromCgroup((await deps.read(CGROUP)) ?? '') ?? idFromMounts((await deps.read(MOUNTS)) ?? '')
  );
}

/** The id after `docker-`, `cri-containerd-`, `crio-` or a colon, and before `.scope`. */
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
