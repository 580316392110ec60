import type { ExceptionBlock, SegmentDocument } from '../../src/translator/document.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { start } from '../support/run.ts';

/** A run of one of the programs in `programs/errors`. */
export interface ErrorRun {
  readonly folder: string;
  /** Name of the program without `.mjs`. */
  readonly program: string;
  /** Node; the current one by default. */
  readonly node?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
}

/**
 * Sends requests to a program one after the other.
 *
 * @returns for each request the path, the status of the response, and what is recorded in its trace:
 * name and flag of each subsegment and its exceptions; `*` marks one whose first frame is in the program,
 * with no frame of otel-xray
 */
export async function errorRun(run: ErrorRun): Promise<readonly string[]> {
  await using daemon = await startFakeDaemon();
  const server = start(
    ['--import', 'otel-xray/register', `${run.program}.mjs`, ...(run.args ?? [])],
    {
      cwd: run.folder,
      ...(run.node === undefined ? {} : { program: run.node }),
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_SERVICE_NAME: 'app',
        OTEL_TRACES_SAMPLER: 'always_on',
        NODE_ENV: 'production',
        ...run.env,
      },
    },
  );
  const [, port] = await server.line(/^listening on (\d+)$/);
  const statuses: number[] = [];
  for (const path of run.paths) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  await server.stop();
  await daemon.drained();
  const documents = daemon.flat();
  return run.paths.map((path, index) => {
    const segment = documents.find(({ http }) => http?.request?.url?.endsWith(path));
    const parts = documents.filter(
      ({ trace_id, id }) => trace_id === segment?.trace_id && id !== segment?.id,
    );
    const found = [segment, ...parts].filter((part) => part !== undefined).map(described);
    return [`${path} ${statuses[index]}`, ...found.filter((text) => text !== '')].join(', ');
  });
}

function described({ name, error, fault, throttle, cause }: SegmentDocument): string {
  const flags = [error && 'error', fault && 'fault', throttle && 'throttle'].filter(Boolean);
  const exceptions = typeof cause === 'object' ? cause.exceptions.map(exceptionText) : [];
  return flags.length + exceptions.length === 0 ? '' : [name, ...flags, ...exceptions].join(' ');
}

function exceptionText({ type, message, stack }: ExceptionBlock): string {
  const isOfApp = /\/programs\//.test(stack?.[0]?.path ?? '');
  const hasOwnFrames = stack?.some(({ path }) => /\/otel-xray\/dist\//.test(path ?? ''));
  return `! ${type}: ${message}${isOfApp && !hasOwnFrames ? ' *' : ''}`;
}
