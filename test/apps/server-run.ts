import { createServer } from 'node:net';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type Finished, start } from '../support/run.ts';
import { traceText } from './trace-text.ts';

/** A request to a server. */
export interface AppRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields of the form on the page at this path, which is requested first and then submitted. */
  readonly form?: Readonly<Record<string, string>>;
  /** Body of a POST request. */
  readonly json?: unknown;
}

/** Requests to send one after the other, or a client of the server, which returns what it got. */
export type Client = readonly AppRequest[] | ((base: string) => Promise<readonly string[]>);

/** How a server is started. */
export interface Server {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Matches the line that it writes when it is ready; the group is its port, otherwise `PORT`. */
  readonly ready: RegExp;
}

export interface ServerRun {
  readonly answers: readonly string[];
  readonly end: Pick<Finished, 'code' | 'signal' | 'stderr'>;
  /** What a user sees of its traces. */
  readonly trace: string;
}

/** The flag as users set it for commands that start Node.js themselves. */
export const FLAG: Readonly<Record<string, string>> = {
  NODE_OPTIONS: '--import otel-xray/register',
};

/** Starts a server, sends the requests one after the other, and stops it. */
export async function serverRun(
  { folder, args, env, ready }: Server,
  client: Client,
): Promise<ServerRun> {
  await using daemon = await startFakeDaemon();
  const server = start(args, {
    cwd: folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  const [, port = env?.['PORT']] = await server.line(ready);
  const base = `http://127.0.0.1:${port}`;
  const answers = await (typeof client === 'function' ? client(base) : answersTo(base, client));
  // SIGTERM sends what waits.
  const { code, signal, stderr } = await server.stop();
  await daemon.drained();
  return { answers, end: { code, signal, stderr }, trace: traceText(daemon.flat(), sqlOf) };
}

const sqlOf = ({ sql }: SegmentDocument): readonly (string | undefined)[] => [
  sql?.sanitized_query?.replaceAll(/\s+/g, ' '),
];

async function answersTo(base: string, requests: readonly AppRequest[]): Promise<string[]> {
  const answers: string[] = [];
  for (const request of requests) {
    answers.push(await answerTo(base, request));
    await nextMillisecond();
  }
  return answers;
}

/** Segments start at a millisecond, which is all that tells their order. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await new Promise(setImmediate);
}

async function answerTo(
  base: string,
  { path, headers = {}, form, json }: AppRequest,
): Promise<string> {
  const url = base + path;
  const response = await fetch(url, {
    redirect: 'manual',
    headers: {
      ...headers,
      origin: base,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
    ...(form && { method: 'POST', body: await filledForm(url, form) }),
  });
  const location = response.headers.get('location') ?? '';
  return `${path} ${response.status} ${location} ${await response.text()}`;
}

/** The fields of a form in a page, hidden ones as they are. */
async function filledForm(
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<FormData> {
  const page = await (await fetch(url)).text();
  const form = new FormData();
  for (const [, name = '', value = ''] of page.matchAll(
    /<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g,
  )) {
    form.set(name, value.replaceAll('&quot;', '"'));
  }
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** Returns a port that is free, for servers that do not tell which one they took. */
export async function freePort(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}
