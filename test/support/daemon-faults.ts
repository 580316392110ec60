import { XRayExporter } from '../../src/exporter/index.ts';
import type { RealDaemon } from './real-daemon.ts';
import { span } from './span.ts';

/** How the daemon is taken away; it comes back after `awayMs`. */
export type Fault = 'restart' | 'crash' | 'freeze' | 'late';

export interface FaultOptions {
  readonly fault: Fault;
  readonly awayMs: number;
  readonly perSecond: number;
  readonly holdBytes?: number | undefined;
  readonly wait: (ms: number) => Promise<unknown>;
}

export interface FaultResult {
  /** Requests, each one segment. */
  readonly made: number;
  /** Different segments that the service got. */
  readonly uploaded: number;
  /** Segments that the service got once more. */
  readonly repeated: number;
  /** What the exporter counts as given up. */
  readonly dropped: number;
  readonly counters: ReturnType<XRayExporter['counters']>;
}

/** Requests before the fault and after the daemon is back. */
const AROUND_MS = 1_000;

/** Makes requests at a steady rate, takes the daemon away meanwhile, and waits for the uploads. */
export async function runFault(daemon: RealDaemon, options: FaultOptions): Promise<FaultResult> {
  const { fault, awayMs, perSecond, holdBytes, wait } = options;
  const exporter = new XRayExporter({ daemon: daemon.endpoint, holdBytes });
  let made = 0;
  const startMs = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startMs) / 1e3) * perSecond;
    for (; made < due; made += 1) exporter.enqueueEnded([request(made)]);
  }, 2);
  if (fault !== 'late') await wait(AROUND_MS);
  if (fault === 'restart') await daemon.signal('SIGTERM');
  if (fault === 'crash') await daemon.signal('SIGKILL');
  if (fault === 'freeze') await daemon.signal('SIGSTOP');
  await wait(awayMs);
  if (fault === 'freeze') await daemon.signal('SIGCONT');
  else await daemon.start();
  await wait(AROUND_MS);
  clearInterval(timer);
  await exporter.shutdown();
  const counters = exporter.counters();
  const dropped = Object.values(counters.dropped).reduce((sum, count) => sum + count, 0);
  const ids = () => daemon.uploads().map(({ id }) => id);
  // One that is missing would end this at the time limit of `until`.
  await daemon.until(() => new Set(ids()).size + dropped >= made).catch(() => {});
  const all = ids();
  const uploaded = new Set(all).size;
  return { made, uploaded, repeated: all.length - uploaded, dropped, counters };
}

/** A request of about 1.2 KB as a document. */
function request(number: number) {
  const id = (number + 1).toString(16).padStart(16, '0');
  return span({
    traceId: `581cf771${id.padStart(24, '0')}`,
    id,
    attributes: {
      'http.request.method': 'GET',
      'url.path': `/orders/${number}`,
      'http.response.status_code': 200,
      padding: 'x'.repeat(600),
    },
  });
}
