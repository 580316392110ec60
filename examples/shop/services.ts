import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running service of the shop. */
export interface Service {
  readonly url: string;
  /** Stops the service and waits for its exit. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** File name, in the folder of this file. */
  readonly file: string;
  readonly serviceName: string;
  /** `host:port` of the X-Ray daemon. */
  readonly daemonAddress: string;
  readonly env?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');

/**
 * Starts a service with `node --import otel-xray/register FILE`.
 *
 * @throws {Error} if the service exits before it listens
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const child = spawn(
    process.execPath,
    ['--import', 'otel-xray/register', join(import.meta.dirname, options.file)],
    {
      cwd: root,
      env: {
        ...process.env,
        PORT: '0',
        OTEL_SERVICE_NAME: options.serviceName,
        AWS_XRAY_DAEMON_ADDRESS: options.daemonAddress,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const port = await portOf(child, options.serviceName);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        process.removeListener('exit', kill);
        child.once('exit', () => resolve());
        if (!child.kill()) resolve();
      }),
  };
}

function portOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new TypeError('the child process has no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = /^listening on (\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${name} exited with code ${code} before it listened`)),
    );
  });
}
