import type { ProcFile } from './receive-queue.ts';
import type { UdpClientDeps } from './udp-client.ts';

/** Network, clock and files that the exporter uses. */
export interface ExporterDeps extends Pick<UdpClientDeps, 'createSocket' | 'resolve' | 'now'> {
  /** Opens a file of `/proc/net`; throws where there is none. */
  readonly openProc: (path: string) => ProcFile;
  /** Blocks the thread; used only while the process ends. */
  readonly sleep: (ms: number) => void;
}
