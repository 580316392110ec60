/**
 * Sends batches before it returns.
 *
 * @param packagePath path of the AWS client
 * @param batches segment documents of each call
 * @param region used if neither the environment nor a profile names one
 * @returns for each batch, whether X-Ray answered it; empty if nothing is known
 */
export type FinalSend = (
  packagePath: string,
  batches: readonly (readonly string[])[],
  limitMs: number,
  region?: string | undefined,
) => readonly boolean[];

/** Runs in the child process: reads the batches from standard input, prints which were answered. */
const CHILD = `
const { XRayClient, PutTraceSegmentsCommand } = require(process.argv[1]);
const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
const region = AWS_REGION === undefined && AWS_DEFAULT_REGION ? { region: AWS_DEFAULT_REGION } : {};
let client = new XRayClient({ maxAttempts: 2, ...region });
const batches = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const send = (documents) =>
  client.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments: documents })).then(() => true, () => false);
const usePlatformRegion = () => {
  if (process.argv[2]) client = new XRayClient({ maxAttempts: 2, region: process.argv[2] });
};
client.config.region().catch(usePlatformRegion).then(() => Promise.all(batches.map(send))).then((results) => {
  process.stdout.write(JSON.stringify(results), () => process.exit());
});
`;

/**
 * Sends in a child process, because the event loop of a process that ends does not turn any more.
 * The child is not traced.
 */
export const sendFinally: FinalSend = (packagePath, batches, limitMs, region) => {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { NODE_OPTIONS: _traced, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['-e', CHILD, packagePath, region ?? ''], {
    env,
    input: JSON.stringify(batches),
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  try {
    return JSON.parse(stdout) as boolean[];
  } catch {
    return [];
  }
};
